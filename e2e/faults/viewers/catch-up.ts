import type { ParentJobProgress } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';

export interface CatchUp {
  /** This job is watched from now on. */
  know(jobId: string): void;
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

  const readAll = async (mine: number) => {
    for (const jobId of [...watched]) {
      if (mine !== round) return;
      const progress = await readProgress(jobId);
      if (!progress) continue;
      onRead(progress);
      if (isParentEnded(progress.status)) watched.delete(jobId);
    }
  };

  return {
    know: (jobId) => void watched.add(jobId),
    start() {
      round += 1;
      readAll(round).catch(() => {}); // the run is over
    },
    stop() {
      round += 1;
    },
  };
}
