import { type BenchStack, startBenchStack } from '../bench-stack.ts';
import { cpuOf, type ProcessCost, summarizeUsages } from '../measure/process-cost.ts';
import { quantileBetween, readMetrics, sampleOf } from '../measure/prometheus.ts';
import { type Usages, watchProcesses } from '../measure/watch-processes.ts';
import { type BenchWorker, startBenchWorker } from '../pipeline/bench-worker.ts';
import { rateOf } from '../pipeline/stretch.ts';
import { type Lag, summarizeLags } from '../pipeline/viewer-lag.ts';
import { median } from '../statistics.ts';
import { openFamily, type WatchedStretch } from './open-family.ts';
import { type ScaleSizes, scaleSizes } from './scale-sizes.ts';

/** What one shape of load came to. */
export interface ScaleCase {
  name: string;
  parents: number;
  childrenEach: number;
  childrenPerSecond: number;
  addedPerSecond: number;
  /** How far the viewer was behind. */
  lag: Lag;
  /** Bounds of the executor's `fold_lag_seconds`; null when it tells none. */
  foldLagSeconds: { p50: number | null; p99: number | null };
  processes: Record<string, ProcessCost>;
  cpuSecondsPer50k: number | null;
}

export interface ScaleResult {
  cases: ScaleCase[];
  million: {
    firstTenthPerSecond: number;
    lastTenthPerSecond: number;
    /** The rates of neighbouring stretches: of the big parent, and of parents of a thousand. */
    pairs: { big: number; thousand: number }[];
    /** The median of big over thousand. */
    ratio: number;
  };
}

/** A thousand, a million, and many parents, on one stack. Rejects when a count is wrong or had drifted. */
export async function measureScale(children: number, log: (text: string) => void): Promise<ScaleResult> {
  const stack = await startBenchStack();
  try {
    const worker = await startBenchWorker(stack.natsUrl);
    try {
      return await runScale({ stack, worker, log }, scaleSizes(children));
    } finally {
      await worker.stop();
    }
  } finally {
    await stack.stop();
  }
}

interface Scene {
  stack: BenchStack;
  worker: BenchWorker;
  log: (text: string) => void;
}

async function runScale(scene: Scene, sizes: ScaleSizes): Promise<ScaleResult> {
  const { stack, log } = scene;
  const { thousand, big, many, stretch, pairEvery } = sizes;
  const runThousand = async () => {
    const family = await openFamily(scene, thousand);
    const done = await family.run(thousand.parents * thousand.childrenEach);
    await family.close();
    return { done, addSeconds: family.addSeconds };
  };

  log(`${thousand.parents} parents of ${thousand.childrenEach}`);
  await runThousand(); // cold code would be slow here and nowhere else
  const alone = await measureCase(scene, { name: 'parents of a thousand', ...thousand }, async () => {
    const { done, addSeconds } = await runThousand();
    return { stretches: [done], addSeconds };
  });

  log(`one parent of ${big.childrenEach}`);
  const pairs: { big: number; thousand: number }[] = [];
  const stretches: WatchedStretch[] = [];
  const million = await measureCase(scene, { name: 'one big parent', ...big }, async () => {
    const family = await openFamily(scene, big);
    for (let done = 0; done < big.childrenEach; done += stretch) {
      const one = await family.run(Math.min(stretch, big.childrenEach - done));
      stretches.push(one);
      if (stretches.length % pairEvery !== 0) continue;
      const { done: beside } = await runThousand();
      pairs.push({ big: Math.round(rateOf([one])), thousand: Math.round(rateOf([beside])) });
    }
    await family.close();
    return { stretches, addSeconds: family.addSeconds };
  });

  log(`${many.parents} parents of ${many.childrenEach}`);
  const tenThousand = await measureCase(scene, { name: 'many parents', ...many }, async () => {
    const family = await openFamily(scene, many);
    const done = await family.run(many.parents * many.childrenEach);
    await family.close();
    return { stretches: [done], addSeconds: family.addSeconds };
  });

  const drift = sampleOf(await readMetrics(stack.executorUrl), 'progress_drift_total');
  if (drift !== 0) throw new Error(`an audit had to correct ${drift} parents`);
  const tenth = Math.max(1, Math.floor(stretches.length / 10));
  return {
    cases: [alone, million, tenThousand],
    million: {
      firstTenthPerSecond: Math.round(rateOf(stretches.slice(0, tenth))),
      lastTenthPerSecond: Math.round(rateOf(stretches.slice(-tenth))),
      pairs,
      ratio: Math.round(median(pairs.map((pair) => pair.big / pair.thousand)) * 100) / 100,
    },
  };
}

/** The peaks of memory, the adding included; rate, CPU and lags of its own stretches alone. */
async function measureCase(
  { stack, worker }: Scene,
  { name, parents, childrenEach }: { name: string; parents: number; childrenEach: number },
  run: () => Promise<{ stretches: readonly WatchedStretch[]; addSeconds: number }>,
): Promise<ScaleCase> {
  const before = await readMetrics(stack.executorUrl);
  const watch = watchProcesses({ ...stack.pids, worker: worker.pid, viewer: process.pid });
  const { stretches, addSeconds } = await run();
  const processes = costsOf(stretches, watch.stop());
  const readings = { before, after: await readMetrics(stack.executorUrl) };
  const foldLag = (share: number) => quantileBetween(readings, { histogram: 'fold_lag_seconds', share });
  return {
    name,
    parents,
    childrenEach,
    childrenPerSecond: Math.round(rateOf(stretches)),
    addedPerSecond: Math.round((parents * childrenEach) / addSeconds),
    lag: summarizeLags(stretches.flatMap(({ lagsMs }) => lagsMs)),
    foldLagSeconds: { p50: foldLag(0.5), p99: foldLag(0.99) },
    processes,
    cpuSecondsPer50k: cpuOf(processes),
  };
}

/** CPU of the stretches, memory of the whole. */
function costsOf(stretches: readonly WatchedStretch[], whole: Usages): Record<string, ProcessCost> {
  const children = stretches.reduce((sum, one) => sum + one.children, 0);
  const used = Object.entries(whole).map(([name, { peakMemoryMiB }]) => {
    const cpuSeconds = stretches.reduce((sum, { usages }) => sum + (usages[name]?.cpuSeconds ?? 0), 0);
    return [name, { cpuSeconds, peakMemoryMiB }];
  });
  return summarizeUsages([Object.fromEntries(used)], children);
}
