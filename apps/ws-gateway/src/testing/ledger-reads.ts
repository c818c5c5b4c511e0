import type { CallerStore, JobStore } from '@progeny/job-store';
import type { TenantLedger } from '../tenant-ledger.ts';

type ReadSnapshots = CallerStore['readSnapshots'];

/** A ledger in the hand of a test, the same for every tenant. */
export const ledgerOf = (readSnapshots: ReadSnapshots): TenantLedger => ({
  as: () => ({ readSnapshots, listParents: async () => ({ jobs: [], next_cursor: null }) }),
});

/** The same store, whose snapshots every caller reads in another way. `read` is as he would have. */
export const rereading = (
  store: JobStore,
  readSnapshots: (ids: readonly string[], read: ReadSnapshots) => ReturnType<ReadSnapshots>,
): JobStore => ({
  ...store,
  as(caller) {
    const own = store.as(caller);
    return { ...own, readSnapshots: (ids) => readSnapshots(ids, own.readSnapshots) };
  },
});
