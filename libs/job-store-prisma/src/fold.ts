import type { FailurePolicy, JobError, LifecycleEvent, StopReason } from '@progeny/contract';
import {
  type Counts,
  endedOf,
  failureOf,
  foldDeltas,
  isParentEnded,
  isPolicyBroken,
  lifecycleOf,
  nextParentStatus,
  openOf,
  type ParentFacts,
  type ParentState,
  smoothRate,
  toParentJobProgress,
} from '@progeny/core';
import type { FoldResult } from '@progeny/job-store';
import type { Query } from './database.ts';
import { type JobDelta, type Taken, takeDeltas } from './deltas.ts';
import { PROGRESS_COLUMNS, type ProgressRow, toParentState } from './progress-row.ts';
import { storeFolded } from './store-folded.ts';

export interface LockedRow extends ProgressRow {
  tenantId: string;
  userId: string;
  type: string;
  run: number;
  nowSealed: boolean;
  stopReason: StopReason | null;
  paused: boolean;
  retrying: boolean;
  sealExpired: boolean;
  failurePolicy: FailurePolicy;
  hasDeadline: boolean;
  lastSeq: number;
  logLines: number;
  sinceFoldMs: number;
  sinceStartMs: number;
  now: Date;
}

const NOTHING_TAKEN: Taken = { deltas: [], lagMs: null };

/** A parent before and after the fold. */
export interface Folded {
  row: LockedRow;
  before: ParentState;
  after: ParentState;
  facts: ParentFacts;
  /** Why it has failed, if it just has. */
  error: JobError | null;
  lifecycle: LifecycleEvent[];
  deltas: readonly JobDelta[];
  lagMs: number | null;
}

/**
 * Takes each parent's lock, removes the deltas that stand there, adds them to the counts and derives the status.
 * The deltas are removed and not paged by id: the order of a sequence is not the order of commits.
 */
export async function fold(query: Query, parentIds: readonly string[]): Promise<FoldResult[]> {
  const rows = await lockFolded(query, parentIds);
  if (rows.length === 0) return [];
  const taken = await takeDeltas(
    query,
    rows.map((row) => row.jobId),
  );
  const folded = rows.map((row) => foldOne(row, taken.get(row.jobId) ?? NOTHING_TAKEN));
  const changes = await storeFolded(query, folded);
  return folded.map(({ row, before, after, facts, lifecycle, lagMs }) => ({
    tenantId: row.tenantId,
    userId: row.userId,
    progress: toParentJobProgress(after),
    changed: after.version > before.version,
    changes: changes.filter((change) => change.job_id === row.jobId),
    lifecycle,
    needsSweep: row.retrying || (facts.stopped !== null && openOf(after.counts) > 0),
    lagMs,
  }));
}

/**
 * Those that this fold may change. Where it may have to write what commands write too, a stop or the end of a deadline,
 * it takes that row's lock as well, or leaves the parent to whoever holds it.
 */
async function lockFolded(query: Query, parentIds: readonly string[]): Promise<LockedRow[]> {
  const rows = await query<LockedRow>(LOCK_PARENTS, [parentIds]);
  const mayStop = rows.filter((row) => row.failurePolicy !== 'continue' || row.hasDeadline);
  if (mayStop.length === 0) return rows;
  const locked = await query<Pick<LockedRow, 'jobId' | 'stopReason' | 'nowSealed' | 'paused' | 'retrying'>>(
    LOCK_COMMANDED,
    [mayStop.map((row) => row.jobId)],
  );
  const fresh = new Map(locked.map((row) => [row.jobId, row]));
  return rows.flatMap((row) => {
    if (!mayStop.includes(row)) return [row];
    const facts = fresh.get(row.jobId);
    return facts ? [{ ...row, ...facts }] : [];
  });
}

function foldOne(row: LockedRow, { deltas, lagMs }: Taken): Folded {
  const before = toParentState(row);
  const counts = foldDeltas(before.counts, deltas);
  const facts = factsOf(row, { before, counts, deltas });
  const sealed = facts.sealed;
  const status = nextParentStatus(before.status, facts);
  const hasFailed = status === 'failed' && (before.status !== 'failed' || facts.reopened);
  const error = hasFailed ? failureOf(facts) : null;
  const changed = deltas.length > 0 || status !== before.status || sealed !== before.sealed;
  const after: ParentState = changed
    ? {
        ...before,
        version: before.version + 1,
        status,
        sealed,
        counts,
        childrenPerSecond: rateOf(row, before, counts),
      }
    : before;
  const lifecycle = lifecycleOf({
    operationType: row.type,
    lastSeq: row.lastSeq,
    from: before.status,
    reopened: facts.reopened,
    progress: toParentJobProgress(after),
    error,
    timestamp: row.now.toISOString(),
  });
  return { row, before, after, facts, error, lifecycle, deltas, lagMs };
}

/** With the stop that its own failure policy demands. While a retry is under way, what failed before does not count. */
function factsOf(
  row: LockedRow,
  { before, counts, deltas }: { before: ParentState; counts: Counts; deltas: readonly JobDelta[] },
): ParentFacts {
  const { nowSealed: sealed, stopReason: stopped, paused, retrying, sealExpired } = row;
  const hadEnded = isParentEnded(before.status);
  const reopened = hadEnded && (retrying || deltas.length > 0);
  const facts = { counts, sealed, stopped, paused, retrying, reopened, sealExpired };
  if (stopped !== null || retrying || (hadEnded && !reopened)) return facts;
  const isBroken = isPolicyBroken(row.failurePolicy, counts, {
    hasNewFailure: deltas.some(({ to }) => to === 'failed'),
    isLast: sealed && openOf(counts) === 0,
  });
  return isBroken ? { ...facts, stopped: 'too_many_failed', sealed: true } : facts;
}

const rateOf = (row: LockedRow, before: ParentState, counts: Counts): number =>
  smoothRate(before.childrenPerSecond, {
    ended: endedOf(counts) - endedOf(before.counts),
    elapsedMs: row.sinceFoldMs,
    sinceStartMs: row.sinceStartMs,
  });

const COMMANDED_COLUMNS = `f.sealed_at IS NOT NULL AS "nowSealed", f.stop_reason AS "stopReason",
       f.paused_at IS NOT NULL AS paused, f.retry_requested_at IS NOT NULL AS retrying`;

const LOCK_COMMANDED = `
SELECT f.job_id AS "jobId", ${COMMANDED_COLUMNS} FROM parent_job f
 WHERE f.job_id = ANY($1::uuid[]) ORDER BY f.job_id FOR NO KEY UPDATE SKIP LOCKED`;

// SKIP LOCKED: a parent that somebody else folds, seals or holds in a long transaction is left to him and tried again
// after; the others do not wait for it. NO KEY: a child that is being inserted refers to its parent's row.
const LOCK_PARENTS = `
SELECT ${PROGRESS_COLUMNS}, j.tenant_id AS "tenantId", j.user_id AS "userId", j.type, j.run,
       ${COMMANDED_COLUMNS}, f.seal_expired_at IS NOT NULL AS "sealExpired",
       f.failure_policy AS "failurePolicy", f.deadline_at IS NOT NULL AS "hasDeadline",
       p.last_seq AS "lastSeq", p.log_lines AS "logLines", extract(epoch FROM now() - p.folded_at)::float8 * 1000 AS "sinceFoldMs",
       extract(epoch FROM now() - coalesce(j.started_at, now()))::float8 * 1000 AS "sinceStartMs", now() AS now
  FROM parent_progress p JOIN parent_job f ON f.job_id = p.job_id JOIN job j ON j.id = p.job_id
 WHERE p.job_id = ANY($1::uuid[]) AND f.deleted_at IS NULL
 ORDER BY p.job_id FOR NO KEY UPDATE OF p, j SKIP LOCKED`;
