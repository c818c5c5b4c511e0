import type { JobStatusChange } from '@progeny/contract';

export interface SweeperParts {
  /** `JobStore.sweep`. */
  sweep: (parentId: string, limit: number) => Promise<JobStatusChange[]>;
  /** A batch is committed; without a change there was nothing to do, or it waits for nested parents. */
  onSwept: (parentId: string, changes: readonly JobStatusChange[]) => void;
  /** The parent is no longer known here; whoever finds it again marks it again. */
  onError: (error: unknown) => void;
}

export interface Sweeper {
  /** A command of this parent is to be carried out. */
  mark(parentId: string): void;
  /** Ends after the batch that is on: what is left stands in the ledger. */
  stop(): Promise<void>;
}

/** Children in one transaction: few enough that claims and reports never wait for it. */
export const SWEEP_BATCH = 500;
/** Parents that wait; those beyond are for the poll to find. */
const WAITING_MAX = 10_000;
/** Of a batch's time: so long the ledger belongs to the others after it. */
const BREATH = 0.5;

/**
 * Carries out commands whose manager did not: batch after batch, with a breath between any two, and in turns when
 * several parents wait. Folds go on meanwhile.
 */
export function createSweeper({ sweep, onSwept, onError }: SweeperParts): Sweeper {
  const waiting = new Set<string>();
  let running: Promise<void> | undefined;
  let stopping = false;
  let endBreath = () => {};

  const breathe = (ms: number) =>
    new Promise<void>((resolve) => {
      const over = setTimeout(resolve, ms);
      endBreath = () => {
        clearTimeout(over);
        resolve();
      };
    });

  const sweepBatch = async (parentId: string) => {
    try {
      const changes = await sweep(parentId, SWEEP_BATCH);
      onSwept(parentId, changes);
      if (changes.length >= SWEEP_BATCH && !stopping) waiting.add(parentId);
    } catch (error) {
      onError(error);
    }
  };

  const sweepAll = async () => {
    for (const parentId of waiting) {
      waiting.delete(parentId);
      const startedMs = performance.now();
      await sweepBatch(parentId);
      if (waiting.size > 0) await breathe((performance.now() - startedMs) * BREATH);
    }
    running = undefined;
  };

  return {
    mark(parentId) {
      if (stopping || waiting.size >= WAITING_MAX) return;
      waiting.add(parentId);
      running ??= sweepAll();
    },
    async stop() {
      stopping = true;
      waiting.clear();
      endBreath();
      await running;
    },
  };
}
