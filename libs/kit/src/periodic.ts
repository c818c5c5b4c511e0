import type { Log } from './log.ts';
import { isTransient } from './outage.ts';

export interface Periodic {
  /** Runs at once, or once more right after the run that is on. */
  runNow(): void;
  stop(): Promise<void>;
}

/** How often a service asks a neighbour that it has nothing else to ask: an idle one learns of an outage, too. */
export const NEIGHBOUR_CHECK_MS = 2_000;

/**
 * Runs a task every `intervalMs`, counted from the end of the run before, so that runs never overlap. A run that
 * throws is logged, unless a neighbour is away, and the next one comes all the same. `stop` waits for the run that is
 * on.
 */
export function runEvery(
  intervalMs: number,
  { name, log, task }: { name: string; log: Log; task: () => Promise<void> },
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
