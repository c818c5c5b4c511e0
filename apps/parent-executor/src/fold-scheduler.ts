export interface FoldSchedulerParts {
  /** Two folds of one parent are at least this far apart. */
  intervalMs: number;
  /** Folds, and answers the parents to try again; rejects when nothing could be folded. */
  fold: (parentIds: readonly string[]) => Promise<readonly string[]>;
  onError: (error: unknown) => void;
}

export interface FoldScheduler {
  /** The parent has something to fold. */
  mark(parentId: string): void;
  /** Neither waits to be folded nor was folded within the interval. */
  isQuiet(parentId: string): boolean;
  /** Folds what waits now, and then nothing more. */
  stop(): Promise<void>;
}

/** Parents in one transaction: enough to share its cost, few enough to hold their locks for milliseconds. */
const BATCH = 100;
const PAUSE_AFTER_ERROR_MS = 1_000;

/**
 * Decides when a parent is folded: at once when it was quiet, else when `intervalMs` have passed since its last fold.
 * So no change is lost, the first and the last show at once, and a busy parent costs the same however many changes it
 * has. One batch at a time.
 *
 * A parent is in one of three modes: quiet (known nowhere), ready (to be folded now) or cooling (folded within the
 * interval; `marked` when there is something new). Cooling parents stand in the order in which they become due.
 */
export function createFoldScheduler({ intervalMs, fold, onError }: FoldSchedulerParts): FoldScheduler {
  const ready = new Set<string>();
  const cooling = new Map<string, { dueAtMs: number; marked: boolean }>();
  let running: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopping = false;
  let endPause = () => {};

  const mark = (parentId: string) => {
    const cool = cooling.get(parentId);
    if (cool) cool.marked = true;
    else ready.add(parentId);
    pump();
  };

  const pump = () => {
    if (running || stopping) return;
    if (ready.size > 0) {
      running = foldReady().finally(() => {
        running = undefined;
        pump();
      });
    } else if (cooling.size > 0 && !timer) {
      timer = setTimeout(() => {
        timer = undefined;
        endCooling();
        pump();
      }, firstDueInMs());
    }
  };

  const firstDueInMs = (): number => {
    for (const { dueAtMs } of cooling.values()) return Math.max(1, dueAtMs - performance.now());
    return intervalMs;
  };

  const endCooling = () => {
    const now = performance.now();
    for (const [parentId, { dueAtMs, marked }] of cooling) {
      if (dueAtMs > now) break;
      cooling.delete(parentId);
      if (marked) ready.add(parentId);
    }
  };

  const foldReady = async () => {
    const batch = takeBatch();
    const dueAtMs = performance.now() + intervalMs;
    for (const parentId of batch) cooling.set(parentId, { dueAtMs, marked: false });
    try {
      for (const parentId of await fold(batch)) mark(parentId);
    } catch (error) {
      onError(error);
      for (const parentId of batch) mark(parentId);
      if (!stopping) await pause();
    }
    endCooling();
  };

  const pause = () =>
    new Promise<void>((resolve) => {
      const paused = setTimeout(resolve, PAUSE_AFTER_ERROR_MS);
      endPause = () => {
        clearTimeout(paused);
        resolve();
      };
    });

  const takeBatch = (): string[] => {
    const batch: string[] = [];
    for (const parentId of ready) {
      if (batch.length === BATCH) break;
      ready.delete(parentId);
      batch.push(parentId);
    }
    return batch;
  };

  return {
    mark(parentId) {
      if (!stopping) mark(parentId);
    },
    isQuiet: (parentId) => !ready.has(parentId) && !cooling.has(parentId),
    async stop() {
      stopping = true;
      clearTimeout(timer);
      endPause();
      await running;
      for (const [parentId, { marked }] of cooling) if (marked) ready.add(parentId);
      cooling.clear();
      while (ready.size > 0) await fold(takeBatch()).catch(onError);
    },
  };
}
