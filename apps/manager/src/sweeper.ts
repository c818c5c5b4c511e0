import type { JobStatusChange } from '@progeny/contract';
import type { JobStore } from '@progeny/job-store';
import { isTransient, type Log } from '@progeny/kit';
import type { Announcer } from './announcer.ts';

/** Jobs per transaction of a sweep or a reaping: short enough that claims and reports never wait for it. */
export const SWEEP_BATCH = 500;
/** Parents that are swept at a time: connections are left for those who claim and report. */
const SWEEPS_AT_ONCE = 4;
/** Parents that wait for their turn; beyond, whoever folds the parent sweeps it. */
const SWEEPS_WAITING_MAX = 10_000;

/** Carries out what a command wants of the children of a parent, in batches and behind the back of whoever gave it. */
export interface Sweeper {
  sweep(parentId: string): void;
  /** Ends each sweep after the batch that it is in, and takes no more: the command stands in the ledger. */
  drain(): Promise<void>;
}

export interface SweeperParts {
  store: Pick<JobStore, 'sweep'>;
  announcer: Pick<Announcer, 'changes'>;
  log: Log;
}

export function createSweeper({ store, announcer, log }: SweeperParts): Sweeper {
  const waiting = new Set<string>();
  const running = new Map<string, Promise<void>>();
  let draining = false;

  const carryOut = async (parentId: string) => {
    let changes: JobStatusChange[];
    do {
      changes = await store.sweep(parentId, SWEEP_BATCH);
      await announcer.changes(changes);
    } while (changes.length >= SWEEP_BATCH && !draining);
  };

  const startNext = () => {
    for (const parentId of waiting) {
      if (draining || running.size >= SWEEPS_AT_ONCE) return;
      // A command that came while it is swept: once more, when that has ended.
      if (running.has(parentId)) continue;
      waiting.delete(parentId);
      const sweep = carryOut(parentId)
        // Nothing is lost: the command stands in the ledger, and whoever folds the parent sweeps on.
        .catch((error) => {
          if (!isTransient(error)) log.error({ err: error, parent_id: parentId }, 'a sweep was cut short');
        })
        .finally(() => {
          running.delete(parentId);
          startNext();
        });
      running.set(parentId, sweep);
    }
  };

  return {
    sweep(parentId) {
      if (draining || waiting.size >= SWEEPS_WAITING_MAX) return;
      waiting.add(parentId);
      startNext();
    },
    async drain() {
      draining = true;
      waiting.clear();
      await Promise.all(running.values());
    },
  };
}
