import type { ChildStatus } from '@progeny/contract';

/** A child is tried three times in each run: once, and twice again after failures that may pass. */
export const MAX_ATTEMPTS = 3;

/** The ends that somebody may order to be tried again. */
export const RETRYABLE_ENDS: readonly ChildStatus[] = ['failed', 'cancelled'];

/** Whether a child of this run may be tried again after try number `attempt`. */
export const hasTriesLeft = ({ runBase }: { runBase: number }, attempt: number): boolean =>
  attempt - runBase < MAX_ATTEMPTS;

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 60_000;

/** Milliseconds to wait after try number `attempt` (of the run, from 1) failed: 0.5 s, 1 s, 2 s … at most a minute. */
export const retryDelayMs = (attempt: number): number =>
  Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
