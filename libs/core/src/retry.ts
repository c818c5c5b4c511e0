/** A child is tried three times: once, and twice again after failures that may pass. */
export const MAX_ATTEMPTS = 3;

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 60_000;

/** Milliseconds to wait after try number `attempt` (from 1) failed: 0.5 s, 1 s, 2 s … at most a minute. */
export const retryDelayMs = (attempt: number): number =>
  Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
