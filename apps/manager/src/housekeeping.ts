import { setTimeout as delay } from 'node:timers/promises';
import type { Command, JobStatusChange } from '@progeny/contract';
import type { JobStore } from '@progeny/job-store';
import type { Announcer } from './announcer.ts';
import { SWEEP_BATCH, type Sweeper } from './sweeper.ts';

/** What comes due without anybody asking for it. */
export interface Housekeeping {
  /** Takes back leases that ran out, gives up parents that nobody seals, stops those past their deadline. */
  reap(): Promise<void>;
  /** Hides ended jobs that are older than they are kept, and removes the rows of those that were deleted. */
  remove(): Promise<void>;
  /** What runs ends after the batch that it is in. */
  stop(): void;
}

export interface HousekeepingParts {
  store: JobStore;
  announcer: Announcer;
  sweeper: Sweeper;
  /** How long ended jobs are kept; undefined for ever. */
  retentionMs: number | undefined;
}

/** The longest that a batch of removals lets the others have the ledger to themselves. */
const BREATH_MAX_MS = 1_000;

export function createHousekeeping(parts: HousekeepingParts): Housekeeping {
  const { store, announcer, sweeper, retentionMs } = parts;
  const stopped = new AbortController();

  const inBatches = async (
    next: () => Promise<JobStatusChange[]>,
    onBatch?: (changes: readonly JobStatusChange[]) => void,
  ) => {
    let changes: JobStatusChange[];
    do {
      changes = await next();
      await announcer.changes(changes);
      onBatch?.(changes);
    } while (changes.length >= SWEEP_BATCH && !stopped.signal.aborted);
  };

  /** What comes due is told as a command, too, in the words that whoever works on it or watches it listens to. */
  const tellAs = (
    command: Command,
    { job_id: jobId, tenant_id: tenantId, user_id: userId }: JobStatusChange,
  ) => announcer.command({ owner: { tenantId, userId }, jobId, command });

  const cancelChildren = (changes: readonly JobStatusChange[]) => {
    for (const change of changes) {
      tellAs('cancel', change);
      sweeper.sweep(change.job_id);
    }
  };

  const tellDeleted = (changes: readonly JobStatusChange[]) => {
    for (const change of changes) tellAs('delete', change);
  };

  /** A removal rests after each batch for as long as it took: it never has more than half of the ledger. */
  const removeRows = async () => {
    for (;;) {
      const startedMs = performance.now();
      const removed = await store.removeDeleted(SWEEP_BATCH);
      if (removed === 0 || stopped.signal.aborted) return;
      const breathMs = Math.min(performance.now() - startedMs, BREATH_MAX_MS);
      // A stop ends the breath.
      await delay(breathMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };

  return {
    async reap() {
      await inBatches(() => store.reapExpired(SWEEP_BATCH));
      await inBatches(() => store.expireSeals(SWEEP_BATCH));
      await inBatches(() => store.expireDeadlines(SWEEP_BATCH), cancelChildren);
    },
    async remove() {
      if (retentionMs !== undefined) {
        await inBatches(() => store.deleteEnded(retentionMs, SWEEP_BATCH), tellDeleted);
      }
      await removeRows();
    },
    stop: () => stopped.abort(),
  };
}
