import { type CallerStore, type JobStore, StoreError } from '@progeny/job-store';
import { audit } from './audit.ts';
import { listSteps, saveProgress } from './child-progress.ts';
import { type ClaimTurns, claim, heartbeat } from './claim.ts';
import { expireDeadlines, expireSeals, pause, requestCancel, resume, seal } from './commands.ts';
import { type Database, type DatabaseOptions, openDatabase, toStoreError } from './database.ts';
import { deleteEnded, deleteParent, removeDeleted } from './delete.ts';
import { explain } from './explain.ts';
import { findUnfolded } from './find-unfolded.ts';
import { fold } from './fold.ts';
import { listLog } from './job-log.ts';
import { requireParent } from './lock-parents.ts';
import { addChildren, createParent } from './parents.ts';
import { findOwners, getJob, getProgress, listChildren, listParents } from './read.ts';
import { report } from './report.ts';
import { requestRetryFailed, retryChild } from './retry.ts';
import { readSnapshots } from './snapshots.ts';
import { reapExpired, sweep } from './sweep.ts';
import { saveTicket, takeTicket } from './tickets.ts';

/** The ledger in PostgreSQL. Each method that changes something is one transaction. */
export function createPrismaJobStore(options: DatabaseOptions): JobStore {
  const database = openDatabase(options);
  const { query, transaction, close } = database;
  const turns: ClaimTurns = new Map();
  return {
    ...withStoreErrors({
      ...storeOn(database, turns),
      expireSeals: (limit) => transaction((tx) => expireSeals(tx, limit)),
      reapExpired: (limit) => transaction((tx) => reapExpired(tx, limit)),
      sweep: (parentId, limit) => transaction((tx) => sweep(tx, parentId, limit)),
      expireDeadlines: (limit) => transaction((tx) => expireDeadlines(tx, limit)),
      deleteEnded: (olderThanMs, limit) => transaction((tx) => deleteEnded(tx, olderThanMs, limit)),
      removeDeleted: (limit) => transaction((tx) => removeDeleted(tx, limit)),
      fold: (parentIds) => transaction((tx) => fold(tx, parentIds)),
      findUnfolded: (limit, standingMs) => findUnfolded(query, limit, standingMs),
      audit: (limit) => audit(database, limit),
      saveTicket: (ticket) => saveTicket(query, ticket),
      takeTicket: (ticketHash) => takeTicket(query, ticketHash),
      ping: async () => void (await query('SELECT 1', [])),
      close,
    } satisfies Omit<JobStore, 'as'>),
    as: (caller) => {
      const own = storeOn(database.as(caller), turns);
      const { tenantId } = caller;
      return withStoreErrors({ ...own, claim: (claimOptions) => own.claim({ ...claimOptions, tenantId }) });
    },
  };
}

/** What callers may ask for, and services for everybody. */
function storeOn(database: Database, turns: ClaimTurns): CallerStore {
  const { query, transaction } = database;
  return {
    async createParent(parent) {
      const { jobId, created, changes } = await transaction((tx) => createParent(tx, parent));
      const job = await getJob(database, jobId);
      if (!job || !('progress' in job)) throw new StoreError('job_not_found', `job ${jobId} was deleted`);
      return { job, created, changes };
    },
    addChildren: (parentId, children) => transaction((tx) => addChildren(tx, parentId, children)),
    seal: (parentId) => transaction((tx) => seal(tx, parentId)),
    claim: (claimOptions) => claim(query, turns, claimOptions),
    report: (reports) => transaction((tx) => report(tx, reports)),
    heartbeat: (children, leaseMs) => heartbeat(query, children, leaseMs),
    requestCancel: (parentId) => transaction((tx) => requestCancel(tx, parentId)),
    pause: (parentId) => transaction((tx) => pause(tx, parentId)),
    resume: (parentId) => transaction((tx) => resume(tx, parentId)),
    requestRetryFailed: (parentId) => transaction((tx) => requestRetryFailed(tx, parentId)),
    retryChild: (jobId) => transaction((tx) => retryChild(tx, jobId)),
    deleteParent: (parentId) => transaction((tx) => deleteParent(tx, parentId)),
    saveProgress: (reports) => transaction((tx) => saveProgress(tx, reports)),
    getJob: (jobId) => getJob(database, jobId),
    findOwners: (jobIds) => findOwners(query, jobIds),
    listParents: (listOptions) => listParents(database, listOptions),
    listChildren: (parentId, listOptions) => listChildren(database, parentId, listOptions),
    getProgress: (parentIds) => getProgress(database, parentIds),
    readSnapshots: (jobIds) => readSnapshots(query, jobIds),
    explain: (parentId) => explain(query, parentId),
    listSteps: (jobId) => listSteps(query, jobId),
    async listLog(parentId) {
      await requireParent(query, parentId);
      return listLog(query, parentId);
    },
  };
}

/** The same methods, with every fault of the connection as StoreError `unavailable`. */
function withStoreErrors<Methods extends object>(methods: Methods): Methods {
  const guarded = Object.entries(methods).map(([name, method]) => [
    name,
    async (...values: unknown[]) => {
      try {
        return await method(...values);
      } catch (error) {
        throw toStoreError(error);
      }
    },
  ]);
  return Object.fromEntries(guarded) as Methods;
}
