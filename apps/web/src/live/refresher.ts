/** The least time between the starts of two runs. */
export const REFRESH_GAP_MS = 1_000;
/** After a run that failed, the next try comes this much later. */
export const RETRY_AFTER_MS = 2_000;

export interface Refresher {
  /** Runs the task now, or as soon as the gap allows; many requests become one run. */
  request(): void;
  stop(): void;
}

/**
 * Keeps something fresh without a storm: never two runs at once, at most one start a second, the last request is
 * never lost. `run` resolves to whether to run again; a rejection means try again later.
 */
export function createRefresher({
  run,
  now,
  gapMs = REFRESH_GAP_MS,
}: {
  run: () => Promise<'done' | 'again'>;
  now: () => number;
  gapMs?: number;
}): Refresher {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isRunning = false;
  let requested = false;
  let stopped = false;
  let earliestAtMs = Number.NEGATIVE_INFINITY;

  const schedule = (): void => {
    if (stopped || isRunning || timer !== undefined || !requested) return;
    timer = setTimeout(start, Math.max(0, earliestAtMs - now()));
  };
  const start = async (): Promise<void> => {
    timer = undefined;
    requested = false;
    isRunning = true;
    earliestAtMs = now() + gapMs;
    try {
      requested = (await run()) === 'again' || requested;
    } catch {
      requested = true;
      earliestAtMs = now() + RETRY_AFTER_MS;
    }
    isRunning = false;
    schedule();
  };
  return {
    request: () => {
      requested = true;
      schedule();
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
