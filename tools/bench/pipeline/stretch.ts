import { within } from '../measure/within.ts';
import type { BenchWorker, Work } from './bench-worker.ts';
import type { CountsViewer } from './counts-viewer.ts';
import { viewerLagsMs } from './viewer-lag.ts';

export interface StretchOptions extends Work {
  /** Parents that end within it. */
  parents: number;
}

export interface Stretch {
  children: number;
  /** From the first claim until the viewer has seen the end. */
  runSeconds: number;
  /** How far the viewer was behind at each report. */
  lagsMs: number[];
}

/** Twice the time after which a poll finds what no event told of. */
const VIEWER_PATIENCE_MS = 60_000;

/** Lets the worker do some children, and waits until the viewer has seen all of them and each end. */
export async function runStretch(
  worker: BenchWorker,
  viewer: CountsViewer,
  { parents, ...work }: StretchOptions,
): Promise<Stretch> {
  const { completed, ended } = viewer.seen();
  const seen = viewer.until(completed + work.children, ended + parents);
  const { startedMs, reports } = await worker.work(work);
  const endedMs = await within(seen, {
    ms: VIEWER_PATIENCE_MS,
    what: () => {
      const now = viewer.seen();
      return `all ${work.children} children are done, and the viewer has seen ${now.completed - completed} of them`;
    },
  });
  return {
    children: work.children,
    runSeconds: (endedMs - startedMs) / 1000,
    lagsMs: viewerLagsMs(
      reports.map((report) => ({ atMs: report.atMs, completed: completed + report.completed })),
      viewer.frames.filter(({ atMs }) => atMs >= startedMs),
    ),
  };
}

/** Children per second over all of them. */
export const rateOf = (stretches: readonly Stretch[]): number =>
  sumOf(stretches, ({ children }) => children) / sumOf(stretches, ({ runSeconds }) => runSeconds);

const sumOf = (stretches: readonly Stretch[], read: (stretch: Stretch) => number): number =>
  stretches.reduce((sum, stretch) => sum + read(stretch), 0);
