/** The socket may be away this long before polling starts. */
export const POLL_AFTER_MS = 3_000;
export const POLL_EVERY_MS = 5_000;

export interface FallbackPolling {
  /** The socket is away: polls after a grace time and then regularly, until stopped. Again while it runs: nothing. */
  start(): void;
  /** What to poll has changed: if polling has begun, don't wait for the next turn. */
  hurry(): void;
  stop(): void;
}

/** `poll` tells whether the API could be reached, and `onPolled` hears it of each poll that was not overtaken. */
export function createFallbackPolling({
  poll,
  onPolled,
}: {
  poll: () => Promise<boolean>;
  onPolled: (reached: boolean) => void;
}): FallbackPolling {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let polling = false;
  // Each start, hurry and stop begins a new turn; a poll of an older turn must not reschedule.
  let turn = 0;

  const schedule = (delayMs: number): void => {
    clearTimeout(timer);
    turn += 1;
    const mine = turn;
    timer = setTimeout(async () => {
      polling = true;
      const reached = await poll();
      if (mine !== turn) return;
      onPolled(reached);
      if (mine === turn) schedule(POLL_EVERY_MS);
    }, delayMs);
  };
  return {
    start: () => {
      if (timer === undefined) schedule(POLL_AFTER_MS);
    },
    hurry: () => {
      if (polling) schedule(0);
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
      polling = false;
      turn += 1;
    },
  };
}
