import type { BusLog } from './bus-log.ts';
import type { BusCounters } from './event-bus.ts';

export interface HandlerRunner {
  /**
   * Starts the handler at once and returns before it has ended; undefined when it already has. The promise never
   * rejects: whatever a handler throws is counted and logged here.
   */
  run(fields: object, handler: () => unknown): Promise<void> | undefined;
  /** Resolves when nothing runs any more, or after the limit: a handler that never returns must not hold up a stop. */
  idle(limitMs: number): Promise<void>;
}

export function createHandlerRunner({
  log,
  counters,
}: {
  log: BusLog;
  counters: BusCounters;
}): HandlerRunner {
  const running = new Set<Promise<void>>();
  const failed = (fields: object, err: unknown) => {
    counters.handlerErrors += 1;
    log.error({ ...fields, err }, 'event handler failed');
  };
  return {
    run(fields, handler) {
      let result: unknown;
      try {
        result = handler();
      } catch (error) {
        failed(fields, error);
        return undefined;
      }
      if (!isThenable(result)) return undefined;
      const end: Promise<void> = Promise.resolve(result)
        .then(
          () => {},
          (error: unknown) => failed(fields, error),
        )
        .finally(() => running.delete(end));
      running.add(end);
      return end;
    },

    async idle(limitMs) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const limit = new Promise<'limit'>((resolve) => {
        timer = setTimeout(() => resolve('limit'), limitMs);
      });
      while (running.size > 0) {
        if ((await Promise.race([Promise.all(running), limit])) === 'limit') {
          log.warn({ running: running.size }, 'handlers still run; closing without them');
          break;
        }
      }
      clearTimeout(timer);
    },
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
