/** The least time between two rounds of notifications: however fast frames come, a page renders 20 times a second. */
export const NOTIFY_GAP_MS = 50;

export interface Coalesced {
  /** Runs the task at once when the last run is long enough ago, else once at the end of the gap. */
  request(): void;
  stop(): void;
}

/** The first request runs at once, those within the gap become one run, and the last is never lost. */
export function coalesce(task: () => void, gapMs: number = NOTIFY_GAP_MS): Coalesced {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let requested = false;
  const run = (): void => {
    requested = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (requested) run();
    }, gapMs);
    task();
  };
  return {
    request: () => {
      requested = true;
      if (timer === undefined) run();
    },
    stop: () => {
      requested = false;
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
