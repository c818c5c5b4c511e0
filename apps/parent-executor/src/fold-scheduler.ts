import { isTransient } from '@progeny/kit';

export interface FoldSchedulerParts {
  /** Two folds of one parent are on average at least this far apart. */
  intervalMs: number;
  /** Folds, and answers the parents to try again; rejects when nothing could be folded. */
  fold: (parentIds: readonly string[]) => Promise<readonly string[]>;
  onError: (error: unknown) => void;
}

export interface FoldScheduler {
  /** The parent has something to fold. */
  mark(parentId: string): void;
  /** It waits to be folded already: another mark would change nothing. */
  isMarked(parentId: string): boolean;
  /** Neither waits to be folded nor was folded lately. */
  isQuiet(parentId: string): boolean;
  /** Folds what waits now, and then nothing more. */
  stop(): Promise<void>;
}

/** Parents in one transaction: enough to share its cost, few enough to hold their locks for milliseconds. */
const BATCH = 100;
/** Folds that a quiet parent may have beyond its pace: changes that come a little too quickly need not wait. */
const SPARE_FOLDS = 3;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** Parents that wait while the database is away; what is marked beyond is for the poll to find. */
const READY_MAX = 50_000;

interface Cooling {
  dueAtMs: number;
  /** There is something new. */
  marked: boolean;
  spare: number;
}

/**
 * Decides when a parent is folded: at once while it has folds to spare, else when `intervalMs` have passed since its
 * last. Each interval without a fold earns it one more to spare. So no change is lost, the first and the last show at
 * once, and a busy parent costs the same however many changes it has. One batch at a time.
 *
 * A parent is in one of three modes: quiet (known nowhere), ready (to be folded now) or cooling (folded lately). Cooling
 * parents stand in the order in which their interval ends. While the database is away all wait, ever longer; a parent
 * that alone cannot be folded waits alone.
 */
export function createFoldScheduler({ intervalMs, fold, onError }: FoldSchedulerParts): FoldScheduler {
  /** With the folds that each has to spare. */
  const ready = new Map<string, number>();
  const cooling = new Map<string, Cooling>();
  const outcasts = new Map<string, ReturnType<typeof setTimeout>>();
  const away = createPause();
  let running: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopping = false;
  // One parent that cannot be folded must not hold up the others: after a failure they go one by one.
  let batchMax = BATCH;

  const mark = (parentId: string) => {
    if (outcasts.has(parentId) || ready.size >= READY_MAX) return;
    const cool = cooling.get(parentId);
    if (cool && cool.spare === 0) cool.marked = true;
    else if (!ready.has(parentId)) {
      ready.set(parentId, cool ? cool.spare - 1 : SPARE_FOLDS);
      cooling.delete(parentId);
    }
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
        endIntervals();
        pump();
      }, firstDueInMs());
    }
  };

  const firstDueInMs = (): number => {
    for (const { dueAtMs } of cooling.values()) return Math.max(1, dueAtMs - performance.now());
    return intervalMs;
  };

  const endIntervals = () => {
    const now = performance.now();
    for (const [parentId, { dueAtMs, marked, spare }] of cooling) {
      if (dueAtMs > now) break;
      cooling.delete(parentId);
      if (marked) ready.set(parentId, spare);
      else if (spare < SPARE_FOLDS) cool(parentId, spare + 1);
    }
  };

  const cool = (parentId: string, spare: number) =>
    cooling.set(parentId, { dueAtMs: performance.now() + intervalMs, marked: false, spare });

  const foldReady = async () => {
    const batch = takeBatch();
    for (const [parentId, spare] of batch) cool(parentId, spare);
    const parentIds = batch.map(([parentId]) => parentId);
    try {
      again(await fold(parentIds));
      away.reset();
      batchMax = Math.min(BATCH, batchMax * 2);
    } catch (error) {
      onError(error);
      await giveWay(parentIds, error);
    }
    endIntervals();
  };

  /** Somebody else holds them, or they could not be folded: they have to wait, whatever they have to spare. */
  const again = (parentIds: readonly string[]) => {
    for (const parentId of parentIds) {
      const entry = cooling.get(parentId);
      if (entry) entry.marked = true;
    }
  };

  const giveWay = async (parentIds: readonly string[], error: unknown) => {
    const [first] = parentIds;
    if (isTransient(error)) {
      again(parentIds);
      if (!stopping) await away.wait();
    } else if (parentIds.length > 1 || first === undefined) {
      again(parentIds);
      batchMax = 1;
    } else {
      castOut(first);
    }
  };

  const castOut = (parentId: string) => {
    cooling.delete(parentId);
    const back = setTimeout(() => {
      outcasts.delete(parentId);
      mark(parentId);
    }, LONGEST_PAUSE_MS);
    outcasts.set(parentId, back);
  };

  const takeBatch = (): [string, number][] => {
    const batch = [...ready.entries()].slice(0, batchMax);
    for (const [parentId] of batch) ready.delete(parentId);
    return batch;
  };

  return {
    mark(parentId) {
      if (!stopping) mark(parentId);
    },
    isMarked: (parentId) => ready.has(parentId) || (cooling.get(parentId)?.marked ?? false),
    isQuiet: (parentId) => !ready.has(parentId) && !cooling.has(parentId) && !outcasts.has(parentId),
    async stop() {
      stopping = true;
      clearTimeout(timer);
      for (const back of outcasts.values()) clearTimeout(back);
      away.end();
      await running;
      for (const [parentId, { marked }] of cooling) if (marked) ready.set(parentId, 0);
      cooling.clear();
      while (ready.size > 0) await fold(takeBatch().map(([parentId]) => parentId)).catch(onError);
    },
  };
}

/** Waits that double, from the first to the longest, until they are reset. */
function createPause() {
  let ms = FIRST_PAUSE_MS;
  let end = () => {};
  return {
    wait: () =>
      new Promise<void>((resolve) => {
        const over = setTimeout(resolve, ms);
        ms = Math.min(ms * 2, LONGEST_PAUSE_MS);
        end = () => {
          clearTimeout(over);
          resolve();
        };
      }),
    reset: () => {
      ms = FIRST_PAUSE_MS;
    },
    end: () => end(),
  };
}
