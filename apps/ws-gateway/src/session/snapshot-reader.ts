import type { Snapshot } from '@progeny/job-store';
import type { Frame } from '../hub/frame.ts';
import { framesOf } from '../hub/snapshot-facts.ts';
import type { TenantLedger } from '../tenant-ledger.ts';

/** A snapshot, null for a job that there is not, and the epoch of the ledger that says so. */
export interface ReadSnapshot {
  epoch: string;
  found: { snapshot: Snapshot; frames: { state: Frame; end: Frame | null } } | null;
}

/** Jobs read in one query. */
const READ_BATCH = 500;
/** Tenants read at once. */
const LANES_MAX = 4;

interface Wanted {
  answers: Promise<ReadSnapshot>;
  resolve(read: ReadSnapshot): void;
  reject(error: unknown): void;
}

/** Reads snapshots; who asks is told of jobs of his own tenant alone. */
export type SnapshotReader = (tenantId: string, jobId: string) => Promise<ReadSnapshot>;

/**
 * Reads snapshots in batches, each of one tenant, and of a tenant one at a time; who asks for the same job at once
 * shares one read. A read answers only those who asked before it began, so that a snapshot is never older than the
 * moment it was asked for.
 */
export function createSnapshotReader({
  store,
  standing,
}: {
  store: TenantLedger;
  /** Resolves when whatever is published from then on will be heard. */
  standing: () => Promise<void>;
}): SnapshotReader {
  /** By tenant, in the order of the first who asked. */
  const wanted = new Map<string, Map<string, Wanted>>();
  /** Tenants of which something is being read. */
  const reading = new Set<string>();
  let lanes = 0;

  const readOn = async () => {
    lanes += 1;
    // Everybody who asks in this turn is in the first batch.
    await Promise.resolve();
    for (let tenantId = nextTenant(); tenantId !== undefined; tenantId = nextTenant()) {
      reading.add(tenantId);
      await read(tenantId, takeBatch(tenantId));
      reading.delete(tenantId);
    }
    lanes -= 1;
  };

  const nextTenant = (): string | undefined => {
    for (const tenantId of wanted.keys()) if (!reading.has(tenantId)) return tenantId;
    return undefined;
  };

  /** What is left of the tenant waits behind the others. */
  const takeBatch = (tenantId: string): ReadonlyMap<string, Wanted> => {
    const all = [...(wanted.get(tenantId) ?? [])];
    wanted.delete(tenantId);
    if (all.length > READ_BATCH) wanted.set(tenantId, new Map(all.slice(READ_BATCH)));
    return new Map(all.slice(0, READ_BATCH));
  };

  const read = async (tenantId: string, batch: ReadonlyMap<string, Wanted>) => {
    try {
      await standing();
      const { epoch, snapshots } = await store.as({ tenantId }).readSnapshots([...batch.keys()]);
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

  return (tenantId, jobId) => {
    const ofTenant = wanted.get(tenantId) ?? new Map<string, Wanted>();
    wanted.set(tenantId, ofTenant);
    const want = ofTenant.get(jobId) ?? withResolvers();
    ofTenant.set(jobId, want);
    if (lanes < LANES_MAX && !reading.has(tenantId)) void readOn();
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
