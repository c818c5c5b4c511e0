import type { Reporter } from '@progeny/reporter';
import type { JobType } from 'bullmq';
import { type AnyJob, type AnyQueue, RepairError } from './bridge.ts';
import type { Flows } from './flows.ts';
import type { TellableState, Teller } from './teller.ts';

/**
 * In the order in which jobs go through them, so that one that moves on meanwhile is met later or tells of it itself;
 * each from its newest, so that what leaves at the old end shifts nothing.
 */
const STATES: readonly { type: JobType; as: TellableState; hasEnded: boolean }[] = [
  { type: 'waiting', as: 'open', hasEnded: false },
  { type: 'prioritized', as: 'open', hasEnded: false },
  { type: 'delayed', as: 'open', hasEnded: false },
  { type: 'waiting-children', as: 'open', hasEnded: false },
  { type: 'active', as: 'active', hasEnded: false },
  { type: 'completed', as: 'completed', hasEnded: true },
  { type: 'failed', as: 'failed', hasEnded: true },
];
const PAGE = 200;
const ROOM_MS = 30_000;

/** Tells of each job what it is; resolves with how many. Rejects with RepairError when the reporter has no room. */
export async function walkQueue({
  queue,
  reporter,
  flows,
  teller,
  endedMax,
  endedSinceMs,
  between,
}: {
  queue: AnyQueue;
  reporter: Reporter;
  flows: Flows;
  teller: Teller;
  endedMax: number;
  /** What ended before is known. */
  endedSinceMs: number;
  /** Called after each page: what is heard meanwhile is not to wait for the last. */
  between(): Promise<void>;
}): Promise<number> {
  let told = 0;
  const tell = async (job: AnyJob, as: TellableState, type: JobType) => {
    if (!(await reporter.hasRoom(ROOM_MS))) throw new RepairError('The reporter can take no more now');
    const isFlow = type === 'waiting-children' || (await flows.isParent(job));
    // One that made itself wait, in the midst of its work, is a job like others.
    const ranBefore = type === 'waiting-children' && job.attemptsStarted > 0;
    if (isFlow) flows.note(job.id ?? '');
    if (!isFlow || ranBefore || flows.of(job)) teller.tellState(job, as);
    told += 1;
  };
  for (const { type, as, hasEnded } of STATES) {
    const max = hasEnded ? endedMax : Number.POSITIVE_INFINITY;
    for (let start = 0; start < max; start += PAGE) {
      const end = Math.min(start + PAGE, max) - 1;
      const ids = await queue.getRanges([type], start, end, false);
      const jobs = await Promise.all(ids.map((id) => queue.getJob(id)));
      // One that was removed in between is gone.
      const some = jobs.filter((job) => job !== undefined);
      const due = some.filter(
        ({ finishedOn }) => !hasEnded || (finishedOn ?? Number.POSITIVE_INFINITY) >= endedSinceMs,
      );
      for (const job of due) await tell(job, as, type);
      await between();
      if (ids.length < PAGE || due.length < some.length) break;
    }
  }
  return told;
}
