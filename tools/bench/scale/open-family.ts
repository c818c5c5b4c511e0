import type { BenchStack } from '../bench-stack.ts';
import { type Usages, watchProcesses } from '../measure/watch-processes.ts';
import { addFamily, type Family } from '../pipeline/add-children.ts';
import type { BenchWorker } from '../pipeline/bench-worker.ts';
import { openCountsViewer } from '../pipeline/counts-viewer.ts';
import { checkLedger } from '../pipeline/ledger-check.ts';
import { PIPELINE_SETTING } from '../pipeline/measure-pipeline.ts';
import { runStretch, type Stretch } from '../pipeline/stretch.ts';

/** Parents whose children stand and wait, with a viewer that watches them. */
export interface OpenFamily {
  addSeconds: number;
  /** Runs so many of the children; the parents end with the last. */
  run(children: number): Promise<WatchedStretch>;
  /** Rejects when a count is wrong. */
  close(): Promise<void>;
}

/** A stretch with what its processes used meanwhile, without the adding. */
export interface WatchedStretch extends Stretch {
  usages: Usages;
}

let families = 0;

export async function openFamily(
  { stack, worker }: { stack: BenchStack; worker: BenchWorker },
  family: Family,
): Promise<OpenFamily> {
  families += 1;
  const jobType = `scale-${families}`;
  const { jobIds, addSeconds } = await addFamily(stack.apiUrl, { jobType, ...family });
  const viewer = await openCountsViewer(stack.gatewayUrl, jobIds);
  const all = family.parents * family.childrenEach;
  return {
    addSeconds,
    async run(children) {
      const isLast = viewer.seen().completed + children === all;
      const parents = isLast ? family.parents : 0;
      const watch = watchProcesses({ ...stack.pids, worker: worker.pid, viewer: process.pid });
      const stretch = await runStretch(worker, viewer, { jobType, children, parents, ...PIPELINE_SETTING });
      return { ...stretch, usages: watch.stop() };
    },
    async close() {
      viewer.close();
      await checkLedger(stack.databaseUrl, {
        jobIds,
        childrenEach: family.childrenEach,
        seen: viewer.latest,
      });
    },
  };
}
