import type { ParentJobProgress } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';

export interface CatchUp {
  /** This job is watched from now on. */
  know(jobId: string): void;
  /** Those that were seen to end need no more reading. */
  saw(progress: ParentJobProgress): void;
  /** Reads every watched job that has not ended, from the beginning when it is called again. */
  start(): void;
  stop(): void;
}

/** What somebody who watches everything does when he comes back: what he missed he reads beside the frames. */
export function createCatchUp(
  readProgress: (jobId: string) => Promise<ParentJobProgress | null>,
  onRead: (progress: ParentJobProgress) => void,
): CatchUp {
  const watched = new Set<string>();
  let round = 0;

  const saw = ({ job_id, status }: ParentJobProgress) => {
    if (isParentEnded(status)) watched.delete(job_id);
  };
  const readAll = async (mine: number) => {
    for (const jobId of [...watched]) {
      if (mine !== round) return;
      const progress = await readProgress(jobId);
      if (!progress) continue;
      onRead(progress);
      saw(progress);
    }
  };

  return {
    know: (jobId) => void watched.add(jobId),
    saw,
    start() {
      round += 1;
      readAll(round).catch(() => {}); // the run is over
    },
    stop() {
      round += 1;
    },
  };
}
