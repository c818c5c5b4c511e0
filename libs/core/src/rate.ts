/** Time constant of the smoothing: a burst has faded to a third after this long. */
export const RATE_WINDOW_MS = 10_000;

/**
 * Children per second, smoothed exponentially. `ended` children have ended in the `elapsedMs` since `previous` was
 * computed; however unevenly the calls come, the result weighs the last ten seconds most.
 */
export function smoothRate(
  previous: number,
  { ended, elapsedMs }: { ended: number; elapsedMs: number },
): number {
  if (elapsedMs <= 0) return previous + (ended * 1000) / RATE_WINDOW_MS;
  const kept = Math.exp(-elapsedMs / RATE_WINDOW_MS);
  const observed = (ended * 1000) / elapsedMs;
  return previous * kept + observed * (1 - kept);
}
