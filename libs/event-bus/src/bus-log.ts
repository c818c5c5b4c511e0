/** What the bus needs of a logger; a pino logger is one. */
export interface BusLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const SILENT_LOG: BusLog = { warn: () => {}, error: () => {} };

const QUIET_MS = 60_000;

/** Logs at most once a minute, with how often it was called since: an hour without a bus is not a million lines. */
export function createQuietWarning(
  log: BusLog,
  message: string,
  nowMs: () => number = Date.now,
): (fields: object) => void {
  let loggedAtMs = Number.NEGATIVE_INFINITY;
  let times = 0;
  return (fields) => {
    times += 1;
    const now = nowMs();
    if (now - loggedAtMs < QUIET_MS) return;
    log.warn({ ...fields, times }, message);
    loggedAtMs = now;
    times = 0;
  };
}
