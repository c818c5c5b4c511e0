import type { JobStore } from './job-store.ts';
import { explain } from './memory-explain.ts';
import { audit, findUnfolded, fold } from './memory-fold.ts';
import {
  addChildren,
  createParent,
  expireSeals,
  requestCancel,
  seal,
  sweepCancelled,
} from './memory-parents.ts';
import { createMemoryState, type MemoryState, type World } from './memory-state.ts';
import { saveTicket, takeTicket } from './memory-tickets.ts';
import { findOwners, getJob, getProgress, listChildren, listParents, readSnapshots } from './memory-views.ts';
import { claim, heartbeat, reapExpired, report } from './memory-work.ts';

export interface MemoryJobStoreOptions {
  now: () => Date;
  /** UUIDs that rise in the order in which they are made. */
  newId: () => string;
  /** The rows, to look at them or tamper with them from outside. */
  state?: MemoryState;
}

/**
 * The job store without a database: the oracle for the other implementations, and the store for tests. Each
 * operation runs to its end before the next begins, which is all the atomicity it needs; none is made to be fast.
 */
export function createMemoryJobStore({ now, newId, state }: MemoryJobStoreOptions): JobStore {
  const world: World = { ...(state ?? createMemoryState()), now, newId };
  return {
    createParent: async (parent) => createParent(world, parent),
    addChildren: async (parentId, children) => addChildren(world, parentId, children),
    seal: async (parentId) => seal(world, parentId),
    expireSeals: async (limit) => expireSeals(world, limit),
    claim: async (options) => claim(world, options),
    report: async (reports) => report(world, reports),
    heartbeat: async (children, leaseMs) => heartbeat(world, children, leaseMs),
    reapExpired: async (limit) => reapExpired(world, limit),
    requestCancel: async (parentId) => requestCancel(world, parentId),
    sweepCancelled: async (parentId, limit) => sweepCancelled(world, parentId, limit),
    fold: async (parentIds) => fold(world, parentIds),
    findUnfolded: async (limit, standingMs) => findUnfolded(world, limit, standingMs),
    audit: async (limit) => audit(world, limit),
    getJob: async (jobId) => getJob(world, jobId),
    findOwners: async (jobIds) => findOwners(world, jobIds),
    listParents: async (options) => listParents(world, options),
    listChildren: async (parentId, options) => listChildren(world, parentId, options),
    getProgress: async (parentIds) => getProgress(world, parentIds),
    readSnapshots: async (jobIds) => readSnapshots(world, jobIds),
    explain: async (parentId) => explain(world, parentId),
    listLifecycle: async (parentId, afterSeq) =>
      (world.parents.get(parentId)?.lifecycle ?? []).filter(({ payload }) => payload.seq > afterSeq),
    saveTicket: async (ticket) => saveTicket(world, ticket),
    takeTicket: async (ticketHash) => takeTicket(world, ticketHash),
    ping: async () => {},
    close: async () => {},
  };
}
