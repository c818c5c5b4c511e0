import type { JobStore } from '@progeny/job-store';
import { StoreError } from '@progeny/job-store';
import { auditParent, findUnaudited } from './audit.ts';
import { listSteps, saveProgress } from './child-progress.ts';
import { type ClaimTurns, claim, heartbeat } from './claim.ts';
import { type DatabaseOptions, openDatabase, toStoreError } from './database.ts';
import { deleteEnded, deleteParent, removeDeleted } from './delete.ts';
import { explain } from './explain.ts';
import { findUnfolded } from './find-unfolded.ts';
import { fold } from './fold.ts';
import { listLog } from './job-log.ts';
import { requireParent } from './lock-parents.ts';
import {
  addChildren,
  createParent,
  expireDeadlines,
  expireSeals,
  pause,
  requestCancel,
  resume,
  seal,
} from './parents.ts';
import { findOwners, getJob, getProgress, listChildren, listParents } from './read.ts';
import { report } from './report.ts';
import { requestRetryFailed, retryChild } from './retry.ts';
import { readSnapshots } from './snapshots.ts';
import { reapExpired, sweep } from './sweep.ts';
import { saveTicket, takeTicket } from './tickets.ts';

/** The ledger in PostgreSQL. Each method that changes something is one transaction. */
export function createPrismaJobStore(options: DatabaseOptions): JobStore {
  const { prisma, query, transaction, close } = openDatabase(options);
  const turns: ClaimTurns = new Map();
  return withStoreErrors({
    async createParent(parent) {
      const { jobId, created, changes } = await transaction((tx) => createParent(tx, parent));
      const job = await getJob(prisma, jobId);
      if (!job || job.parent_id !== null) throw new StoreError('job_not_found', `job ${jobId} was deleted`);
      return { job, created, changes };
    },
    addChildren: (parentId, children) => transaction((tx) => addChildren(tx, parentId, children)),
    seal: (parentId) => transaction((tx) => seal(tx, parentId)),
    expireSeals: (limit) => transaction((tx) => expireSeals(tx, limit)),
    claim: (claimOptions) => claim(query, turns, claimOptions),
    report: (reports) => transaction((tx) => report(tx, reports)),
    heartbeat: (children, leaseMs) => heartbeat(query, children, leaseMs),
    reapExpired: (limit) => transaction((tx) => reapExpired(tx, limit)),
    requestCancel: (parentId) => transaction((tx) => requestCancel(tx, parentId)),
    pause: (parentId) => transaction((tx) => pause(tx, parentId)),
    resume: (parentId) => transaction((tx) => resume(tx, parentId)),
    requestRetryFailed: (parentId) => transaction((tx) => requestRetryFailed(tx, parentId)),
    retryChild: (jobId) => transaction((tx) => retryChild(tx, jobId)),
    sweep: (parentId, limit) => transaction((tx) => sweep(tx, parentId, limit)),
    expireDeadlines: (limit) => transaction((tx) => expireDeadlines(tx, limit)),
    deleteParent: (parentId) => transaction((tx) => deleteParent(tx, parentId)),
    deleteEnded: (olderThanMs, limit) => transaction((tx) => deleteEnded(tx, olderThanMs, limit)),
    removeDeleted: (limit) => transaction((tx) => removeDeleted(tx, limit)),
    saveProgress: (reports) => transaction((tx) => saveProgress(tx, reports)),
    fold: (parentIds) => transaction((tx) => fold(tx, parentIds)),
    findUnfolded: (limit, standingMs) => findUnfolded(query, limit, standingMs),
    async audit(limit) {
      const parents = await findUnaudited(query, limit);
      const verified: string[] = [];
      const drifted: string[] = [];
      for (const { job_id: parentId } of parents) {
        const verdict = await transaction((tx) => auditParent(tx, parentId));
        if (verdict === 'verified') verified.push(parentId);
        if (verdict === 'drifted') drifted.push(parentId);
      }
      return { audited: parents.length, verified, drifted };
    },
    getJob: (jobId) => getJob(prisma, jobId),
    findOwners: (jobIds) => findOwners(query, jobIds),
    listParents: (listOptions) => listParents({ prisma, query }, listOptions),
    listChildren: (parentId, listOptions) => listChildren({ prisma, query }, parentId, listOptions),
    getProgress: (parentIds) => getProgress(prisma, parentIds),
    readSnapshots: (jobIds) => readSnapshots(query, jobIds),
    explain: (parentId) => explain(query, parentId),
    listSteps: (jobId) => listSteps(query, jobId),
    async listLog(parentId) {
      await requireParent(query, parentId);
      return listLog(query, parentId);
    },
    saveTicket: (ticket) => saveTicket(query, ticket),
    takeTicket: (ticketHash) => takeTicket(query, ticketHash),
    ping: async () => void (await query('SELECT 1', [])),
    close,
  });
}

/** The same store, with every fault of the connection as StoreError `unavailable`. */
function withStoreErrors(store: JobStore): JobStore {
  return new Proxy(store, {
    get(target, name: keyof JobStore) {
      const method = target[name] as (...values: unknown[]) => Promise<unknown>;
      return async (...values: unknown[]) => {
        try {
          return await method(...values);
        } catch (error) {
          throw toStoreError(error);
        }
      };
    },
  });
}
