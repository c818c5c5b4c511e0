import type { Log, PlainLog } from './log.ts';
import { isTransient } from './outage.ts';

export interface Periodic {
  /** Runs at once, or once more right after the run that is on. */
  runNow(): void;
  stop(): Promise<void>;
}

const NEIGHBOUR_CHECK_MS = 2_000;

/** Asks a neighbour at once and every two seconds, so that a service with nothing else to ask learns of an outage, too. */
export function keepAsking(
  neighbour: string,
  { log, ask }: { log: Log; ask: () => Promise<void> },
): Periodic {
  const asking = runEvery(NEIGHBOUR_CHECK_MS, { name: `ping ${neighbour}`, log, task: ask });
  asking.runNow();
  return asking;
}

/**
 * Runs a task every `intervalMs`, counted from the end of the run before, so that runs never overlap. A run that
 * throws is logged, unless a neighbour is away, and the next one comes all the same. `stop` waits for the run that is
 * on.
 */
export function runEvery(
  intervalMs: number,
  { name, log, task }: { name: string; log: PlainLog; task: () => Promise<void> },
): Periodic {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isWanted = false;
  let stopped = false;

  const run = () => {
    clearTimeout(timer);
    isWanted = false;
    running = task()
      .catch((error) => {
        if (!isTransient(error)) log.error({ err: error, task: name }, 'a periodic task failed');
      })
      .finally(() => {
        running = undefined;
        if (stopped) return;
        if (isWanted) run();
        else timer = setTimeout(run, intervalMs);
      });
  };
  timer = setTimeout(run, intervalMs);
  return {
    runNow() {
      if (running) isWanted = true;
      else if (!stopped) run();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
