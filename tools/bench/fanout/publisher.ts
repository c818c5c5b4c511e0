import { setTimeout as sleep } from 'node:timers/promises';
import type { EventBus } from '@progeny/event-bus';
import { clockMs } from '../measure/serve-commands.ts';
import { OWNER } from './jobs.ts';
import { stampOf } from './reading/update-stamp.ts';
import { updateOf } from './update.ts';

export interface Publisher {
  /** Updates of all jobs in turn, evenly over the seconds. Resolves with how many when the next would be due. */
  publish(load: { perJobPerSecond: number; seconds: number }): Promise<number>;
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
    async publish({ perJobPerSecond, seconds }) {
      const perSecond = perJobPerSecond * jobIds.length;
      const updates = Math.round(perSecond * seconds);
      const fromMs = clockMs();
      for (let sent = 0; sent < updates; ) {
        const due = Math.min(updates, Math.floor(((clockMs() - fromMs) / 1000) * perSecond) + 1);
        for (; sent < due; sent += 1) send(sent % jobIds.length);
        await sleep(1);
      }
      // Without it the gateway would hold back the next of the same job: ten a second are the most.
      await sleep(fromMs + seconds * 1000 - clockMs());
      return updates;
    },
    get stamps() {
      return microseconds.map((at, number) => (at === 0 ? 0 : stampOf(number, at)));
    },
  };
}
