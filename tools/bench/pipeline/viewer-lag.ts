import { percentile } from '../statistics.ts';

/** Milliseconds between an answered report and the frame that counts it. */
export interface Lag {
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

interface Mark {
  atMs: number;
  completed: number;
}

/** How far the viewer was behind at each report; both lists in the order of time. */
export function viewerLagsMs(reports: readonly Mark[], frames: readonly Mark[]): number[] {
  let next = 0;
  return reports.map(({ atMs, completed }) => {
    while ((frames[next]?.completed ?? Number.POSITIVE_INFINITY) < completed) next += 1;
    // A frame may come before the answer does.
    return Math.max(0, (frames[next]?.atMs ?? Number.POSITIVE_INFINITY) - atMs);
  });
}

export const summarizeLags = (lagsMs: readonly number[]): Lag => ({
  p50Ms: Math.round(percentile(lagsMs, 0.5)),
  p99Ms: Math.round(percentile(lagsMs, 0.99)),
  maxMs: Math.round(percentile(lagsMs, 1)),
});
