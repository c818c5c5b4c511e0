import type { BenchStack } from '../bench-stack.ts';
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
  run(children: number): Promise<Stretch>;
  /** Rejects when a count is wrong. */
  close(): Promise<void>;
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
    run(children) {
      const isLast = viewer.seen().completed + children === all;
      const parents = isLast ? family.parents : 0;
      return runStretch(worker, viewer, { jobType, children, parents, ...PIPELINE_SETTING });
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
