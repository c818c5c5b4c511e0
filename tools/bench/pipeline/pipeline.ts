import type { BenchStack } from '../bench-stack.ts';
import { type Usages, watchProcesses } from '../measure/watch-processes.ts';
import { addFamily } from './add-children.ts';
import type { BenchWorker, Work } from './bench-worker.ts';
import { openCountsViewer } from './counts-viewer.ts';
import { checkLedger } from './ledger-check.ts';
import { runStretch } from './stretch.ts';
import { type Lag, summarizeLags } from './viewer-lag.ts';

export type PipelineOptions = Pick<Work, 'children' | 'batch' | 'loops'>;

export interface PipelineRun {
  /** How long adding the children takes, before anything runs. */
  addSeconds: number;
  /** From the first claim until the viewer has seen the parent completed. */
  runSeconds: number;
  frames: number;
  lag: Lag;
  /** While it ran, without the adding. */
  usages: Usages;
}

/**
 * The children of one parent, which do nothing, through the whole pipeline. Rejects when the last frame or the ledger
 * has other counts than were put in.
 */
export async function runPipeline(
  stack: BenchStack,
  worker: BenchWorker,
  { children, batch, loops }: PipelineOptions,
): Promise<PipelineRun> {
  const jobType = `pipeline-${Date.now().toString(36)}`;
  const { jobIds, addSeconds } = await addFamily(stack.apiUrl, {
    jobType,
    parents: 1,
    childrenEach: children,
  });
  const viewer = await openCountsViewer(stack.gatewayUrl, jobIds);
  const watch = watchProcesses({ ...stack.pids, worker: worker.pid, viewer: process.pid });
  const stretch = await runStretch(worker, viewer, { jobType, parents: 1, children, batch, loops });
  const usages = watch.stop();
  viewer.close();
  await checkLedger(stack.databaseUrl, { jobIds, childrenEach: children, seen: viewer.latest });
  return {
    addSeconds,
    runSeconds: stretch.runSeconds,
    frames: viewer.frames.length,
    lag: summarizeLags(stretch.lagsMs),
    usages,
  };
}
