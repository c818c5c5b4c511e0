/** For `publishSync` and `request` where the caller names none. */
export const DEFAULT_TIMEOUT_MS = 5_000;

/** How long `close` waits for running handlers. */
export const DRAIN_LIMIT_MS = 5_000;
