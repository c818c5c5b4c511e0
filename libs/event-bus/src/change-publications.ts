import { isOfParent, type JobStatusChange, type ProgenyEvent, USER_HEADER } from '@progeny/contract';
import { childLifecycleOf, QUEUED, toJobProgress } from '@progeny/core';
import type { Headers, Publication } from './event-bus.ts';

const USERS_KEPT = 1_000;
const known = new Map<string, Headers>();

/** What the events of a job say of it beside their subject: whose it is. The same for the same user, as far as is kept. */
export function headersOf({ user_id }: Pick<JobStatusChange, 'user_id'>): Headers {
  const made = known.get(user_id);
  if (made) return made;
  if (known.size === USERS_KEPT) known.clear();
  const headers = Object.freeze({ [USER_HEADER]: user_id });
  known.set(user_id, headers);
  return headers;
}

/**
 * All that is told of one change: itself, and then what it means in the life of a child. A parent's life is told by
 * whoever folds it, nested or not. `result` is that of a child which the change completed.
 */
export function changePublications(
  change: JobStatusChange,
  { timestamp, result }: { timestamp: string; result?: Record<string, unknown> | undefined },
): Publication[] {
  const events: ProgenyEvent[] = [{ type: 'job_status_change', payload: change, timestamp }];
  if (!isOfParent(change)) events.push(...lifeOf(change, { result, timestamp }));
  const tenantId = change.tenant_id;
  const headers = headersOf(change);
  return events.map((event) => ({ tenantId, event, headers }));
}

function lifeOf(
  change: JobStatusChange,
  { timestamp, result }: { timestamp: string; result: Record<string, unknown> | undefined },
): ProgenyEvent[] {
  // No event of its lifecycle says that a child waits again, and whoever watches it shows the try before.
  if (change.from !== null && change.to === 'pending') {
    const payload = toJobProgress({ ...change, status: 'pending', progress: QUEUED });
    return [{ type: 'JOB_PROGRESS', payload, timestamp }];
  }
  return childLifecycleOf(change, { result, timestamp });
}
