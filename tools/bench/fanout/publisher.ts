import type { EventBus } from '@progeny/event-bus';
import { clockMs } from '../measure/serve-commands.ts';
import { type Pace, sendEvenly } from './evenly.ts';
import { OWNER } from './jobs.ts';
import { stampOf } from './reading/update-stamp.ts';
import { updateOf } from './update.ts';

export interface Publisher {
  /** Updates of all jobs in turn, evenly over the seconds. Resolves with how many when the next would be due. */
  publish(pace: Pace): Promise<number>;
  /** The version that each job has by now; 0 for one that nothing was published of. */
  readonly stamps: readonly number[];
}

/** Puts updates on the bus as the parent executor does. `startedMs` is when the stamps began, at least a second ago. */
export function createPublisher({
  bus,
  jobIds,
  startedMs,
}: {
  bus: EventBus;
  jobIds: readonly string[];
  startedMs: number;
}): Publisher {
  const microseconds = jobIds.map(() => 0);
  const send = (number: number) => {
    // Two of one job within a microsecond still rise.
    const now = Math.max(Math.floor((clockMs() - startedMs) * 1000), (microseconds[number] ?? 0) + 1);
    microseconds[number] = now;
    const event = updateOf(jobIds[number] ?? '', { number, microseconds: now });
    bus.publish({ tenantId: OWNER.tenantId, event, headers: { user: OWNER.userId } });
  };
  return {
    publish: (pace) => sendEvenly(jobIds.length, pace, send),
    get stamps() {
      return microseconds.map((at, number) => (at === 0 ? 0 : stampOf(number, at)));
    },
  };
}
