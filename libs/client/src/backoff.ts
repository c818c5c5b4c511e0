/** The longest wait between two attempts to reconnect. */
export const BACKOFF_CAP_MS = 10_000;
const BACKOFF_BASE_MS = 500;

/**
 * Full jitter: anything from nothing to a ceiling that doubles with each failed attempt (from 0) up to the cap, so
 * that thousands of pages do not come back in the same instant. `random` gives [0, 1).
 */
export function fullJitterMs(attempt: number, random: () => number): number {
  return random() * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** attempt);
}
