/** Time constant of the smoothing: a burst has faded to a third after this long. */
export const RATE_WINDOW_MS = 10_000;

/**
 * Children per second, smoothed exponentially. `ended` children have ended in the `elapsedMs` since `previous` was
 * computed; however unevenly the calls come, the result weighs the last ten seconds most. The time before the start
 * counts for nothing: `sinceStartMs` into the work, the first seconds tell its rate and not a tenth of it.
 */
export function smoothRate(
  previous: number,
  {
    ended,
    elapsedMs,
    sinceStartMs = Number.POSITIVE_INFINITY,
  }: { ended: number; elapsedMs: number; sinceStartMs?: number },
): number {
  const elapsed = Math.max(1, elapsedMs);
  const observed = (ended * 1000) / elapsed;
  const weight = shareOfWindow(elapsed) / shareOfWindow(Math.max(elapsed, sinceStartMs));
  return previous + (observed - previous) * weight;
}

/** How much of all that the smoothing remembers lies within the last `ms`, from 0 to 1. */
const shareOfWindow = (ms: number): number => 1 - Math.exp(-ms / RATE_WINDOW_MS);
