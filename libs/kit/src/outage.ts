import { isNativeError, isPromise } from 'node:util/types';
import type { PlainLog } from './log.ts';

/**
 * A neighbour of the service (Postgres, NATS, the manager) that may be away. Told how each try ended, it says so in the
 * log: one line at once, one a minute while it lasts, one when the neighbour is back. Nobody else logs a try that
 * failed for this reason, see `isTransient`.
 */
export interface Outage {
  failed(error: unknown): void;
  worked(): void;
  /** Runs a call and takes note of how it ended. An error that is not transient came from a neighbour that is there. */
  watch<T>(call: () => Promise<T>): Promise<T>;
  /** For readiness: throws, with the reason, while the neighbour is known to be away. */
  assertThere(): void;
}

export interface OutageOptions {
  log: PlainLog;
  /** The neighbour, as its readiness check is called. */
  what: string;
  /** More for each line. */
  fields?: () => object;
  nowMs?: () => number;
}

const LINE_EVERY_MS = 60_000;
/** A neighbour that was back for less was not back: a pool half of whose connections broke is one outage, not many. */
const STEADY_MS = 5_000;

export function createOutage({
  log,
  what,
  fields = () => ({}),
  nowMs = () => performance.now(),
}: OutageOptions): Outage {
  let isAway = false;
  let sinceMs = 0;
  let backAtMs = Number.NEGATIVE_INFINITY;
  let loggedAtMs = Number.NEGATIVE_INFINITY;
  let isTold = false;
  let failures = 0;
  let failuresEver = 0;
  let reason = '';

  const begin = (now: number) => {
    isAway = true;
    if (now - backAtMs < STEADY_MS) return;
    sinceMs = now;
    loggedAtMs = Number.NEGATIVE_INFINITY;
    failures = 0;
  };
  const state = (now: number) => {
    const awayMs = Math.round(now - sinceMs);
    return { since: new Date(Date.now() - awayMs).toISOString(), away_ms: awayMs, failures, ...fields() };
  };

  const outage: Outage = {
    failed(error) {
      const now = nowMs();
      if (!isAway) begin(now);
      failures += 1;
      failuresEver += 1;
      reason = reasonOf(error);
      if (now - loggedAtMs < LINE_EVERY_MS) return;
      log.warn({ reason, ...state(now) }, `${what} is away; trying on`);
      loggedAtMs = now;
      isTold = true;
    },
    worked() {
      if (!isAway) return;
      isAway = false;
      backAtMs = nowMs();
      if (isTold) log.info(state(backAtMs), `${what} is back`);
      isTold = false;
    },
    async watch(call) {
      const before = failuresEver;
      try {
        const result = await call();
        // What began before the last failure does not show that the neighbour is back.
        if (failuresEver === before) outage.worked();
        return result;
      } catch (error) {
        if (isTransient(error)) outage.failed(error);
        else if (failuresEver === before) outage.worked();
        throw error;
      }
    },
    assertThere() {
      if (isAway) throw new Error(reason);
    },
  };
  return outage;
}

/** The same object; how its calls end is noted. A method answers with a promise, or with an object of such methods. */
export function watchCalls<T extends object>(target: T, outage: Outage): T {
  return new Proxy(target, {
    get(object, name) {
      const value: unknown = Reflect.get(object, name);
      if (typeof value !== 'function') return value;
      return (...values: unknown[]) => {
        const answer = value.apply(object, values);
        return isPromise(answer) ? outage.watch(() => answer) : watchCalls(answer, outage);
      };
    },
  });
}

/** The error says itself that the same call may succeed later: the neighbour is away, and its outage tells so. */
export const isTransient = (error: unknown): boolean =>
  error instanceof Error && 'retryable' in error && error.retryable === true;

/** The messages of the error and of what caused it; never a stack. */
function reasonOf(error: unknown): string {
  const parts: string[] = [];
  for (let at = error; isNativeError(at) && parts.length < 4; at = at.cause) {
    // Prisma quotes the source first and says what is wrong in the last line.
    const text = at.message.trim().split('\n').at(-1) || ('code' in at ? String(at.code) : at.name);
    if (!parts.some((part) => part.includes(text))) parts.push(text);
  }
  return parts.join(': ') || String(error);
}
