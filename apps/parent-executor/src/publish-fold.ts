import type { ProgenyEvent } from '@progeny/contract';
import { type EventBus, headersOf } from '@progeny/event-bus';
import type { FoldResult } from '@progeny/job-store';

/** Tells what a fold did, in the order that viewers rely on: started, progress, ended. */
export function publishFold(bus: EventBus, fold: FoldResult): void {
  const { tenantId, userId, progress, changes, lifecycle } = fold;
  const timestamp = new Date().toISOString();
  const started = lifecycle.filter((event) => event.type === 'JOB_STARTED');
  const ended = lifecycle.filter((event) => event.type !== 'JOB_STARTED');
  const events: ProgenyEvent[] = [
    ...changes.map((payload) => ({ type: 'job_status_change' as const, payload, timestamp })),
    ...started,
    { type: 'parent_job_progress', payload: progress, timestamp },
    ...ended,
  ];
  const headers = headersOf({ user_id: userId });
  for (const event of events) bus.publish({ tenantId, event, headers });
}
