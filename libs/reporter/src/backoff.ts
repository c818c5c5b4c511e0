const BASE_MS = 250;
/** The longest wait between two tries. */
export const BACKOFF_CAP_MS = 10_000;

/** Full jitter: anything up to a ceiling that doubles with each failure in a row (from 0). `random` gives [0, 1). */
export const fullJitterMs = (failures: number, random: () => number): number =>
  random() * Math.min(BACKOFF_CAP_MS, BASE_MS * 2 ** Math.min(failures, 30));
