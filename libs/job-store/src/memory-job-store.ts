import type { JobStore } from './job-store.ts';
import { audit } from './memory-audit.ts';
import { callerStore } from './memory-caller.ts';
import { claim } from './memory-claim.ts';
import { expireDeadlines, pause, requestCancel, resume } from './memory-commands.ts';
import { deleteEnded, deleteParent, removeDeleted } from './memory-deleting.ts';
import { explain } from './memory-explain.ts';
import { findUnfolded, fold } from './memory-fold.ts';
import { addChildren, createParent, expireSeals, seal } from './memory-parents.ts';
import { listLog, listSteps, saveProgress } from './memory-progress.ts';
import { requestRetryFailed, retryChild } from './memory-retry.ts';
import { readSnapshots } from './memory-snapshots.ts';
import { createMemoryState, type MemoryState, type World } from './memory-state.ts';
import { sweep } from './memory-sweep.ts';
import { saveTicket, takeTicket } from './memory-tickets.ts';
import { findOwners, getJob, getProgress, listChildren, listParents } from './memory-views.ts';
import { heartbeat, reapExpired, report } from './memory-work.ts';

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
  const world: World = { ...(state ?? createMemoryState()), now, newId, claimTurns: new Map() };
  const store: JobStore = {
    as: (caller) => callerStore(store, caller),
    createParent: async (parent) => createParent(world, parent),
    addChildren: async (parentId, children) => addChildren(world, parentId, children),
    seal: async (parentId) => seal(world, parentId),
    expireSeals: async (limit) => expireSeals(world, limit),
    claim: async (options) => claim(world, options),
    report: async (reports) => report(world, reports),
    heartbeat: async (children, leaseMs) => heartbeat(world, children, leaseMs),
    reapExpired: async (limit) => reapExpired(world, limit),
    requestCancel: async (parentId) => requestCancel(world, parentId),
    pause: async (parentId) => pause(world, parentId),
    resume: async (parentId) => resume(world, parentId),
    requestRetryFailed: async (parentId) => requestRetryFailed(world, parentId),
    retryChild: async (jobId) => retryChild(world, jobId),
    sweep: async (parentId, limit) => sweep(world, parentId, limit),
    expireDeadlines: async (limit) => expireDeadlines(world, limit),
    deleteParent: async (parentId) => deleteParent(world, parentId),
    deleteEnded: async (olderThanMs, limit) => deleteEnded(world, olderThanMs, limit),
    removeDeleted: async (limit) => removeDeleted(world, limit),
    saveProgress: async (reports) => saveProgress(world, reports),
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
    listSteps: async (jobId) => listSteps(world, jobId),
    listLog: async (parentId) => listLog(world, parentId),
    saveTicket: async (ticket) => saveTicket(world, ticket),
    takeTicket: async (ticketHash) => takeTicket(world, ticketHash),
    ping: async () => {},
    close: async () => {},
  };
  return store;
}
