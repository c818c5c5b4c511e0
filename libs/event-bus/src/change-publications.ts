import { isOfParent, type JobStatusChange, type ProgenyEvent, USER_HEADER } from '@progeny/contract';
import { childLifecycleOf } from '@progeny/core';
import type { Publication } from './event-bus.ts';

/** What the events of a job say of it beside their subject: whose it is. */
export const headersOf = ({ user_id }: Pick<JobStatusChange, 'user_id'>) => ({ [USER_HEADER]: user_id });

/**
 * All that is told of one change: itself, and then what it means in the life of a child. A parent's life is told by
 * whoever folds it, nested or not. `result` is that of a child which the change completed.
 */
export function changePublications(
  change: JobStatusChange,
  { timestamp, result }: { timestamp: string; result?: Record<string, unknown> | undefined },
): Publication[] {
  const lifecycle = isOfParent(change) ? [] : childLifecycleOf(change, { result, timestamp });
  const events: ProgenyEvent[] = [{ type: 'job_status_change', payload: change, timestamp }, ...lifecycle];
  const headers = headersOf(change);
  return events.map((event) => ({ tenantId: change.tenant_id, event, headers }));
}
