import type { ProgressApi } from './progress-api.ts';
import type { WatchTarget } from './watches.ts';

/** Between two rounds that ask without waiting. */
export const POLL_EVERY_MS = 5_000;
/** Between two requests that wait for news, of one job. */
export const LONG_POLL_GAP_MS = 1_000;
/** Jobs that are each waited for; of more, a browser would not open the connections. */
const LONG_POLLED_MAX = 4;

export interface Polling {
  /** Keeps asking until stopped. */
  start(): void;
  /** What is wanted has changed: what is asked for does too, if anything is. */
  follow(): void;
  /** Asks once, at once. */
  once(): void;
  /** Reads these jobs once. */
  look(jobIds: readonly string[]): void;
  stop(): void;
}

export interface PollingOptions {
  api: ProgressApi;
  wanted: () => WatchTarget | null;
  named: () => readonly string[];
  /** After each request that was not overtaken. */
  onPolled: (reached: boolean) => void;
}

/** The last fallback: of a few jobs each is waited for, of more all are asked in rounds. */
export function createPolling({ api, wanted, named, onPolled }: PollingOptions): Polling {
  /** What is being asked for now, by job; '' stands for a round of everything. */
  const loops = new Map<string, AbortController>();
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const single = new Set<AbortController>();
  /** Jobs that are being read once. */
  const looked = new Set<string>();

  const round = async (signal: AbortSignal): Promise<boolean> => {
    const target = wanted();
    if (target === null) return true;
    return typeof target === 'string' ? api.readAll(named(), { signal }) : readEach(target, signal);
  };
  const readEach = async (jobIds: readonly string[], signal: AbortSignal): Promise<boolean> => {
    for (const jobId of jobIds) {
      if (!(await api.readJob(jobId, { wait: false, signal }))) return false;
    }
    return true;
  };
  const singly = (task: (signal: AbortSignal) => Promise<boolean>): void => {
    const own = new AbortController();
    single.add(own);
    void task(own.signal).finally(() => single.delete(own));
  };

  const run = async (key: string, own: AbortController, isFirst: boolean): Promise<void> => {
    const { signal } = own;
    // The first answer must come at once, whatever it says.
    const reached = await (key === '' ? round(signal) : api.readJob(key, { wait: !isFirst, signal }));
    if (signal.aborted) return;
    onPolled(reached);
    if (signal.aborted) return;
    const gapMs = key !== '' && reached ? LONG_POLL_GAP_MS : POLL_EVERY_MS;
    timers.set(
      key,
      setTimeout(() => void run(key, own, !reached), gapMs),
    );
  };
  const end = (key: string): void => {
    loops.get(key)?.abort();
    loops.delete(key);
    clearTimeout(timers.get(key));
    timers.delete(key);
  };

  const start = (): void => {
    const target = wanted() ?? [];
    const keys = typeof target === 'string' || target.length > LONG_POLLED_MAX ? [''] : [...target];
    for (const key of [...loops.keys()]) if (!keys.includes(key)) end(key);
    for (const key of keys) {
      if (loops.has(key)) continue;
      const own = new AbortController();
      loops.set(key, own);
      void run(key, own, true);
    }
  };

  return {
    start,
    follow() {
      if (loops.size > 0) start();
    },
    once: () => singly(round),
    look(jobIds) {
      const wanted = jobIds.filter((jobId) => !looked.has(jobId));
      if (wanted.length === 0) return;
      for (const jobId of wanted) looked.add(jobId);
      singly((signal) =>
        readEach(wanted, signal).finally(() => {
          for (const jobId of wanted) looked.delete(jobId);
        }),
      );
    },
    stop() {
      for (const key of [...loops.keys()]) end(key);
      for (const own of single) own.abort();
    },
  };
}
