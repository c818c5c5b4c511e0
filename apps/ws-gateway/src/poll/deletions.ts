import { USER_HEADER } from '@progeny/contract';
import type { EventBus, Subscription } from '@progeny/event-bus';
import type { Owner } from '@progeny/job-store';

/** Deleted jobs that wait to be looked for, at some 200 bytes each. Beyond it one is left to the backup poll. */
const WAITING_MAX = 10_000;

/**
 * Hears of jobs that were deleted, of any tenant, and has them looked for in the ledger: one look at a time, and what
 * is deleted meanwhile is in the next.
 */
export function hearDeletions({
  bus,
  look,
  onError,
}: {
  bus: EventBus;
  look: (jobs: ReadonlyMap<string, Owner>) => Promise<void>;
  onError: (error: unknown) => void;
}): Subscription {
  let heard = new Map<string, Owner>();
  let isLooking = false;

  const lookOn = async () => {
    isLooking = true;
    while (heard.size > 0) {
      const jobs = heard;
      heard = new Map();
      await look(jobs).catch(onError);
    }
    isLooking = false;
  };

  return bus.subscribe(
    { topic: 'job_command' },
    ({ payload: { command, job_id } }, { tenantId, headers }) => {
      if (command !== 'delete' || heard.size >= WAITING_MAX) return;
      heard.set(job_id, { tenantId, userId: headers[USER_HEADER] ?? '' });
      if (!isLooking) void lookOn();
    },
  );
}
