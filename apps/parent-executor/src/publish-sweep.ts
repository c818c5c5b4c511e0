import type { JobStatusChange } from '@progeny/contract';
import { changePublications, type EventBus, headersOf } from '@progeny/event-bus';

/**
 * Tells what a sweep did to the children of one parent. Whoever works on some that were cancelled hears it as a command,
 * too: a failure policy has no manager to tell of it.
 */
export function publishSweep(bus: EventBus, changes: readonly JobStatusChange[]): void {
  const timestamp = new Date().toISOString();
  for (const change of changes) {
    for (const publication of changePublications(change, { timestamp })) bus.publish(publication);
  }
  const taken = changes.find(({ from, to }) => from === 'running' && to === 'cancelled');
  if (!taken || taken.parent_id === null) return;
  const payload = { job_id: taken.parent_id, command: 'cancel' as const };
  bus.publish({
    tenantId: taken.tenant_id,
    event: { type: 'job_command', payload, timestamp },
    headers: headersOf({ user_id: taken.user_id }),
  });
}
