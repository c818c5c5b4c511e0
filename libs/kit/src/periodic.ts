import type { Log } from './log.ts';

export interface Periodic {
  stop(): Promise<void>;
}

/**
 * Runs a task every `intervalMs`, counted from the end of the run before, so that runs never overlap. A run that
 * throws is logged and the next one comes all the same. `stop` waits for the run that is on.
 */
export function runEvery(
  intervalMs: number,
  { name, log, task }: { name: string; log: Log; task: () => Promise<void> },
): Periodic {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const schedule = () => {
    timer = setTimeout(() => {
      running = task()
        .catch((error) => log.error({ err: error, task: name }, 'a periodic task failed'))
        .finally(() => {
          if (!stopped) schedule();
        });
    }, intervalMs);
  };
  schedule();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
