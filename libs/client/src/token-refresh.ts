/** A token is renewed when this part of its remaining life is over. */
const REFRESH_AT = 0.75;
/** Not more often, however short a token lives. */
const REFRESH_GAP_MS = 5_000;
/** The longest a timer can wait; it then looks again. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export interface TokenRefresh {
  /** The present identity expires then; null for never. `sentAt` is the gateway's clock, so that ours may be wrong. */
  expires(expiresAt: string | null, sentAt: string): void;
  stop(): void;
}

/** Calls `refresh` well before the token expires, and again if it fails. */
export function createTokenRefresh(refresh: () => Promise<void>): TokenRefresh {
  let timer: ReturnType<typeof setTimeout> | undefined;

  const schedule = (remainingMs: number): void => {
    clearTimeout(timer);
    const delayMs = Math.min(Math.max(remainingMs * REFRESH_AT, REFRESH_GAP_MS), TIMER_MAX_MS);
    timer = setTimeout(() => {
      // The answer of the gateway schedules the next; if none comes, this does.
      schedule(remainingMs - delayMs);
      if (delayMs < TIMER_MAX_MS) refresh().catch(() => undefined);
    }, delayMs);
  };
  return {
    expires(expiresAt, sentAt) {
      if (expiresAt === null) return;
      const remainingMs = Date.parse(expiresAt) - Date.parse(sentAt);
      if (Number.isFinite(remainingMs)) schedule(remainingMs);
    },
    stop: () => clearTimeout(timer),
  };
}
