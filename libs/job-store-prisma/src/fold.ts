import type { ChildStatus, JobError, JobStatusChange, LifecycleEvent } from '@progeny/contract';
import {
  type Counts,
  type Delta,
  endedOf,
  failureOf,
  foldDeltas,
  isParentEnded,
  lifecycleOf,
  nextParentStatus,
  openOf,
  type ParentState,
  smoothRate,
  toParentJobProgress,
} from '@progeny/core';
import type { FoldResult } from '@progeny/job-store';
import { v7 as newId } from 'uuid';
import type { Query } from './database.ts';
import { PROGRESS_COLUMNS, type ProgressRow, toParentState } from './progress-row.ts';

interface LockedRow extends ProgressRow {
  tenantId: string;
  userId: string;
  type: string;
  nowSealed: boolean;
  cancelRequested: boolean;
  sealExpired: boolean;
  lastSeq: number;
  sinceFoldMs: number;
  sinceStartMs: number;
  now: Date;
}

interface DeltaRow {
  parent_id: string;
  from_status: ChildStatus | null;
  to_status: ChildStatus | null;
  count: number;
  lag_ms: number;
}

/** The deltas of one parent, and how long the oldest had stood. */
interface Taken {
  deltas: Delta[];
  lagMs: number | null;
}
const NOTHING_TAKEN: Taken = { deltas: [], lagMs: null };

/** A parent before and after the fold. */
interface Folded {
  row: LockedRow;
  before: ParentState;
  after: ParentState;
  /** Why it has failed, if it just has. */
  error: JobError | null;
  lifecycle: LifecycleEvent[];
  lagMs: number | null;
}

/**
 * Takes each parent's lock, removes the deltas that stand there, adds them to the counts and derives the status.
 * The deltas are removed and not paged by id: the order of a sequence is not the order of commits.
 */
export async function fold(query: Query, parentIds: readonly string[]): Promise<FoldResult[]> {
  const rows = await query<LockedRow>(LOCK_PARENTS, [parentIds]);
  if (rows.length === 0) return [];
  const taken = await takeDeltas(query, rows);
  const folded = rows.map((row) => foldOne(row, taken.get(row.jobId) ?? NOTHING_TAKEN));
  const changed = folded.filter(({ before, after }) => after.version > before.version);
  if (changed.length > 0) await storeProgress(query, changed);
  const changes = await storeStatuses(query, changed);
  await storeLifecycle(query, changed);
  return folded.map(({ row, before, after, lifecycle, lagMs }) => ({
    tenantId: row.tenantId,
    userId: row.userId,
    progress: toParentJobProgress(after),
    changed: after.version > before.version,
    changes: changes.filter((change) => change.job_id === row.jobId),
    lifecycle,
    needsSweep: row.cancelRequested && openOf(after.counts) > 0,
    lagMs,
  }));
}

async function takeDeltas(query: Query, rows: readonly LockedRow[]): Promise<Map<string, Taken>> {
  const found = await query<DeltaRow>(
    `WITH taken AS (
       DELETE FROM job_delta WHERE parent_id = ANY($1::uuid[]) RETURNING parent_id, from_status, to_status, count, at
     )
     SELECT parent_id, from_status, to_status, sum(count)::int AS count,
            extract(epoch FROM clock_timestamp() - min(at))::float8 * 1000 AS lag_ms
       FROM taken GROUP BY 1, 2, 3`,
    [rows.map((row) => row.jobId)],
  );
  const byParent = new Map<string, Taken>();
  for (const { parent_id, from_status, to_status, count, lag_ms } of found) {
    const taken = byParent.get(parent_id) ?? { deltas: [], lagMs: 0 };
    taken.deltas.push({ from: from_status, to: to_status, count });
    taken.lagMs = Math.max(taken.lagMs ?? 0, lag_ms);
    byParent.set(parent_id, taken);
  }
  return byParent;
}

function foldOne(row: LockedRow, { deltas, lagMs }: Taken): Folded {
  const before = toParentState(row);
  const counts = foldDeltas(before.counts, deltas);
  const sealed = row.nowSealed;
  const facts = { counts, sealed, cancelRequested: row.cancelRequested, sealExpired: row.sealExpired };
  const status = nextParentStatus(before.status, facts);
  const error = status === 'failed' && before.status !== 'failed' ? failureOf(facts) : null;
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
    progress: toParentJobProgress(after),
    error,
    timestamp: row.now.toISOString(),
  });
  return { row, before, after, error, lifecycle, lagMs };
}

const rateOf = (row: LockedRow, before: ParentState, counts: Counts): number =>
  smoothRate(before.childrenPerSecond, {
    ended: endedOf(counts) - endedOf(before.counts),
    elapsedMs: row.sinceFoldMs,
    sinceStartMs: row.sinceStartMs,
  });

async function storeProgress(query: Query, changed: readonly Folded[]): Promise<void> {
  const column = <Value>(read: (state: ParentState) => Value) => changed.map(({ after }) => read(after));
  await query(STORE_PROGRESS, [
    column((state) => state.jobId),
    column((state) => state.version),
    column((state) => state.status),
    column((state) => state.sealed),
    column((state) => state.counts.pending),
    column((state) => state.counts.running),
    column((state) => state.counts.completed),
    column((state) => state.counts.failed),
    column((state) => state.counts.cancelled),
    column((state) => state.counts.skipped),
    column((state) => state.childrenPerSecond),
    changed.map(({ row, lifecycle }) => row.lastSeq + lifecycle.length),
  ]);
}

/** Guarded by the status before: the row that changes is the one that ends the parent. */
async function storeStatuses(query: Query, changed: readonly Folded[]): Promise<JobStatusChange[]> {
  const moved = changed.filter(({ before, after }) => before.status !== after.status);
  if (moved.length === 0) return [];
  const versions = await query<{ id: string; version: number }>(STORE_STATUSES, [
    moved.map(({ row }) => row.jobId),
    moved.map(({ before }) => before.status),
    moved.map(({ after }) => after.status),
    moved.map(({ after }) => isParentEnded(after.status)),
    moved.map(({ error }) => (error ? JSON.stringify(error) : null)),
  ]);
  const versionOf = new Map(versions.map((row) => [row.id, row.version]));
  return moved.flatMap(({ row, before, after }) => {
    const version = versionOf.get(row.jobId);
    if (version === undefined) return [];
    return [
      {
        event_id: newId(),
        job_id: row.jobId,
        parent_id: null,
        tenant_id: row.tenantId,
        user_id: row.userId,
        job_type: row.type,
        from: before.status,
        to: after.status,
        attempt: 0,
        version,
      },
    ];
  });
}

async function storeLifecycle(query: Query, changed: readonly Folded[]): Promise<void> {
  const events = changed.flatMap(({ lifecycle }) => lifecycle);
  if (events.length === 0) return;
  await query(
    `INSERT INTO lifecycle_event (job_id, seq, type, payload, at)
     SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::jsonb[], $5::timestamptz[])`,
    [
      events.map((event) => event.payload.job_id),
      events.map((event) => event.payload.seq),
      events.map((event) => event.type),
      events.map((event) => JSON.stringify(event.payload)),
      events.map((event) => event.timestamp),
    ],
  );
}

// SKIP LOCKED: a parent that somebody else folds, seals or holds in a long transaction is left to him and tried again
// after; the others do not wait for it. NO KEY: a child that is being inserted refers to its parent's row.
const LOCK_PARENTS = `
SELECT ${PROGRESS_COLUMNS}, j.tenant_id AS "tenantId", j.user_id AS "userId", j.type,
       f.sealed_at IS NOT NULL AS "nowSealed", f.cancel_requested_at IS NOT NULL AS "cancelRequested",
       f.seal_expired_at IS NOT NULL AS "sealExpired", p.last_seq AS "lastSeq", extract(epoch FROM now() - p.folded_at)::float8 * 1000 AS "sinceFoldMs",
       extract(epoch FROM now() - coalesce(j.started_at, now()))::float8 * 1000 AS "sinceStartMs", now() AS now
  FROM parent_progress p JOIN parent_job f ON f.job_id = p.job_id JOIN job j ON j.id = p.job_id
 WHERE p.job_id = ANY($1::uuid[]) ORDER BY p.job_id FOR NO KEY UPDATE OF p, j SKIP LOCKED`;

const STORE_PROGRESS = `
UPDATE parent_progress p SET
  version = n.version, status = n.status, sealed = n.sealed, pending = n.pending, running = n.running,
  completed = n.completed, failed = n.failed, cancelled = n.cancelled, skipped = n.skipped,
  children_per_second = n.rate, last_seq = n.last_seq, folded_at = now()
FROM unnest($1::uuid[], $2::int[], $3::job_status[], $4::boolean[], $5::int[], $6::int[], $7::int[], $8::int[],
            $9::int[], $10::int[], $11::float8[], $12::int[])
  AS n (job_id, version, status, sealed, pending, running, completed, failed, cancelled, skipped, rate, last_seq)
WHERE p.job_id = n.job_id`;

const STORE_STATUSES = `
UPDATE job j SET
  status = n.after, version = j.version + 1, updated_at = now(),
  started_at = coalesce(j.started_at, now()),
  finished_at = CASE WHEN n.ended THEN now() END,
  error = n.error::jsonb
FROM unnest($1::uuid[], $2::job_status[], $3::job_status[], $4::boolean[], $5::text[])
  AS n (job_id, before, after, ended, error)
WHERE j.id = n.job_id AND j.status = n.before
RETURNING j.id, j.version`;
