import type { JobStatusChange } from '@progeny/contract';
import type { JobStore } from '@progeny/job-store';
import { isTransient, type Log } from '@progeny/kit';
import type { Announcer, GivenCommand } from './announcer.ts';

/** Jobs per transaction of a sweep or a reaping: short enough that claims and reports never wait for it. */
export const SWEEP_BATCH = 500;
/** Parents that are swept at a time: connections are left for those who claim and report. */
const SWEEPS_AT_ONCE = 4;
/** Parents that wait for their turn; beyond, whoever folds the parent sweeps it. */
const SWEEPS_WAITING_MAX = 10_000;

/**
 * Carries out what a command wants of the children of a parent, and of parents nested in it, in batches and behind the
 * back of whoever gave it.
 */
export interface Sweeper {
  sweep(parentId: string): void;
  /** Ends each sweep after the batch that it is in, and takes no more: the command stands in the ledger. */
  drain(): Promise<void>;
}

export interface SweeperParts {
  store: Pick<JobStore, 'sweep'>;
  announcer: Pick<Announcer, 'changes' | 'command'>;
  log: Log;
}

export function createSweeper({ store, announcer, log }: SweeperParts): Sweeper {
  /** By parent: the change by which the sweep around it asked for its own; null when somebody gave it the command. */
  const waiting = new Map<string, JobStatusChange | null>();
  const running = new Map<string, Promise<void>>();
  let draining = false;

  const carryOut = async (parentId: string, asked: JobStatusChange | null) => {
    let changes: JobStatusChange[];
    do {
      changes = await store.sweep(parentId, SWEEP_BATCH);
      await announcer.changes(changes);
      if (asked && changes.some(isTaken)) announcer.command(cancelOf(asked));
      for (const change of changes) if (isAsked(change, parentId)) want(change.job_id, change);
    } while (changes.length >= SWEEP_BATCH && !draining);
  };

  const startNext = () => {
    for (const [parentId, asked] of waiting) {
      if (draining || running.size >= SWEEPS_AT_ONCE) return;
      // A command that came while it is swept: once more, when that has ended.
      if (running.has(parentId)) continue;
      waiting.delete(parentId);
      const sweep = carryOut(parentId, asked)
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

  const want = (parentId: string, asked: JobStatusChange | null) => {
    if (draining || waiting.size >= SWEEPS_WAITING_MAX) return;
    if (!waiting.has(parentId)) waiting.set(parentId, asked);
    startNext();
  };

  return {
    sweep: (parentId) => want(parentId, null),
    async drain() {
      draining = true;
      waiting.clear();
      await Promise.all(running.values());
    },
  };
}

/** A nested parent is asked to do the same in turn. */
const isAsked = ({ job_id, is_parent, from, to }: JobStatusChange, parentId: string): boolean =>
  is_parent === true && from === to && job_id !== parentId;

/** Somebody works on it. */
const isTaken = ({ from, to }: JobStatusChange): boolean => from === 'running' && to === 'cancelled';

/** Whoever works on children of a nested parent hears that it is stopped in the words of a command. */
const cancelOf = ({ tenant_id, user_id, job_id }: JobStatusChange): GivenCommand => ({
  owner: { tenantId: tenant_id, userId: user_id },
  jobId: job_id,
  command: 'cancel',
});
