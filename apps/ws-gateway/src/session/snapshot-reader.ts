import type { JobStore, Snapshot } from '@progeny/job-store';
import type { Frame } from '../hub/frame.ts';
import { framesOf } from '../hub/snapshot-facts.ts';

/** A snapshot, null for a job that there is not, and the epoch of the ledger that says so. */
export interface ReadSnapshot {
  epoch: string;
  found: { snapshot: Snapshot; frames: { state: Frame; end: Frame | null } } | null;
}

/** Jobs read in one query. */
const READ_BATCH = 500;

interface Wanted {
  answers: Promise<ReadSnapshot>;
  resolve(read: ReadSnapshot): void;
  reject(error: unknown): void;
}

/**
 * Reads snapshots in batches, one at a time; who asks for the same job at once shares one read. A read answers only
 * those who asked before it began, so that a snapshot is never older than the moment it was asked for.
 */
export function createSnapshotReader({
  store,
  standing,
}: {
  store: Pick<JobStore, 'readSnapshots'>;
  /** Resolves when whatever is published from then on will be heard. */
  standing: () => Promise<void>;
}): (jobId: string) => Promise<ReadSnapshot> {
  let wanted = new Map<string, Wanted>();
  let isReading = false;

  const readOn = async () => {
    isReading = true;
    // Everybody who asks in this turn is in the first batch.
    await Promise.resolve();
    while (wanted.size > 0) {
      const batch = new Map([...wanted].slice(0, READ_BATCH));
      wanted = new Map([...wanted].slice(READ_BATCH));
      await read(batch);
    }
    isReading = false;
  };

  const read = async (batch: ReadonlyMap<string, Wanted>) => {
    try {
      await standing();
      const { epoch, snapshots } = await store.readSnapshots([...batch.keys()]);
      const timestamp = new Date().toISOString();
      const found = new Map(
        snapshots.map((snapshot) => [
          snapshot.progress.job_id,
          { snapshot, frames: framesOf(snapshot, timestamp) },
        ]),
      );
      for (const [jobId, { resolve }] of batch) resolve({ epoch, found: found.get(jobId) ?? null });
    } catch (error) {
      for (const { reject } of batch.values()) reject(error);
    }
  };

  return (jobId) => {
    let want = wanted.get(jobId);
    if (!want) {
      want = withResolvers();
      wanted.set(jobId, want);
    }
    if (!isReading) void readOn();
    return want.answers;
  };
}

function withResolvers(): Wanted {
  let resolve: Wanted['resolve'] = () => undefined;
  let reject: Wanted['reject'] = () => undefined;
  const answers = new Promise<ReadSnapshot>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { answers, resolve, reject };
}
