const FIRST_MS = 50;
const LONGEST_MS = 2_000;

export interface Backoff {
  readonly delayMs: number;
  /** One more attempt begins: the delay after it doubles, up to two seconds. */
  next(): void;
  reset(): void;
}

/** Delays with jitter, so that a restarted server is not met by everybody in the same instant. */
export function createBackoff(random: () => number = Math.random): Backoff {
  let attempt = 0;
  let delayMs = FIRST_MS;
  const set = (value: number) => {
    attempt = value;
    delayMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10)) * (0.5 + random() / 2);
  };
  return {
    get delayMs() {
      return delayMs;
    },
    next: () => set(attempt + 1),
    reset: () => set(0),
  };
}
