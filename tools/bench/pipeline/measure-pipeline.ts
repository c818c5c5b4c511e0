import { startBenchStack } from '../bench-stack.ts';
import { cpuOf, type ProcessCost, summarizeUsages } from '../measure/process-cost.ts';
import { median } from '../statistics.ts';
import { startBenchWorker } from './bench-worker.ts';
import { type PipelineRun, runPipeline } from './pipeline.ts';
import type { Lag } from './viewer-lag.ts';

export interface PipelineResult {
  children: number;
  childrenPerSecond: number;
  addedPerSecond: number;
  /** Medians of the rounds. */
  lag: Lag;
  frames: number;
  /** Of each process, for 50,000 children; empty where the system does not tell. */
  processes: Record<string, ProcessCost>;
  cpuSecondsPer50k: number | null;
  rounds: number[];
}

export const PIPELINE_SETTING = { batch: 500, loops: 4 };

/** Rounds of one parent each, on a stack of their own. */
export async function measurePipeline({
  children,
  rounds,
  cpuProfiles,
}: {
  children: number;
  rounds: number;
  cpuProfiles: string | null;
}): Promise<PipelineResult> {
  const profiling = cpuProfiles === null ? {} : { execArgv: ['--cpu-prof', `--cpu-prof-dir=${cpuProfiles}`] };
  const stack = await startBenchStack(profiling);
  try {
    const worker = await startBenchWorker(stack.natsUrl);
    try {
      const runs: PipelineRun[] = [];
      for (let round = 0; round < rounds; round += 1) {
        runs.push(await runPipeline(stack, worker, { children, ...PIPELINE_SETTING }));
      }
      return summarize(children, runs);
    } finally {
      await worker.stop();
    }
  } finally {
    await stack.stop();
  }
}

function summarize(children: number, runs: readonly PipelineRun[]): PipelineResult {
  const of = (read: (run: PipelineRun) => number) => median(runs.map(read));
  const processes = summarizeUsages(
    runs.map(({ usages }) => usages),
    children,
  );
  return {
    children,
    childrenPerSecond: Math.round(children / of(({ runSeconds }) => runSeconds)),
    addedPerSecond: Math.round(children / of(({ addSeconds }) => addSeconds)),
    lag: {
      p50Ms: of(({ lag }) => lag.p50Ms),
      p99Ms: of(({ lag }) => lag.p99Ms),
      maxMs: of(({ lag }) => lag.maxMs),
    },
    frames: of(({ frames }) => frames),
    processes,
    cpuSecondsPer50k: cpuOf(processes),
    rounds: runs.map(({ runSeconds }) => Math.round(children / runSeconds)),
  };
}
