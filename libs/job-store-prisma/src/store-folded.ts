import type { JobStatusChange } from '@progeny/contract';
import { isParentEnded, type ParentState } from '@progeny/core';
import { STOP_PARENTS } from './commands.ts';
import type { Query } from './database.ts';
import type { JobDelta } from './deltas.ts';
import type { Folded } from './fold.ts';
import { linesOf, storeLog } from './job-log.ts';
import { toParentChange } from './lock-parents.ts';
import { countUpwards } from './nesting.ts';

/** Everything that a fold writes; answers the parents' own changes of status. */
export async function storeFolded(query: Query, folded: readonly Folded[]): Promise<JobStatusChange[]> {
  const changed = folded.filter(({ before, after }) => after.version > before.version);
  if (changed.length > 0) await storeProgress(query, changed);
  await storeStops(query, folded, changed);
  const changes = await storeStatuses(query, changed);
  await countUpwards(
    query,
    changed.flatMap(({ before, after }) =>
      before.parentId === null
        ? []
        : [{ jobId: before.jobId, parentId: before.parentId, before: before.status, after: after.status }],
    ),
  );
  await storeLifecycle(query, changed);
  await storeLog(
    query,
    changed.flatMap(({ row, before, deltas }) =>
      linesOf({ parentId: row.jobId, logLines: row.logLines, counts: before.counts, deltas }),
    ),
  );
  return changes;
}

const sumOf = (deltas: readonly JobDelta[]): number => deltas.reduce((sum, { count }) => sum + count, 0);

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
    changed.map(({ row, deltas }) => row.logLines + sumOf(deltas)),
  ]);
}

/** What the policy of a parent has stopped, and the deadlines of those that have ended. */
async function storeStops(
  query: Query,
  folded: readonly Folded[],
  changed: readonly Folded[],
): Promise<void> {
  const broken = folded.filter(({ row, facts }) => facts.stopped !== row.stopReason);
  if (broken.length > 0) {
    await query(STOP_PARENTS, [broken.map(({ row }) => row.jobId), 'too_many_failed']);
  }
  // Of one that ended before it is the deadline of its next run, which a retry further down has set.
  const done = changed.filter(({ row, after }) => row.hasDeadline && isParentEnded(after.status));
  if (done.length > 0) {
    await query('UPDATE parent_job SET deadline_at = NULL WHERE job_id = ANY($1::uuid[])', [
      done.map(({ row }) => row.jobId),
    ]);
  }
}

/** Guarded by the status before: the row that changes is the one that ends the parent. */
async function storeStatuses(query: Query, changed: readonly Folded[]): Promise<JobStatusChange[]> {
  const moved = changed.filter(
    ({ before, after, facts }) => before.status !== after.status || facts.reopened,
  );
  if (moved.length === 0) return [];
  const stored = await query<{ id: string; version: number; run: number }>(STORE_STATUSES, [
    moved.map(({ row }) => row.jobId),
    moved.map(({ before }) => before.status),
    moved.map(({ after }) => after.status),
    moved.map(({ after }) => isParentEnded(after.status)),
    moved.map(({ error }) => (error ? JSON.stringify(error) : null)),
    moved.map(({ facts }) => facts.reopened),
  ]);
  const storedOf = new Map(stored.map((row) => [row.id, row]));
  return moved.flatMap(({ row, before, after, lifecycle }) => {
    const now = storedOf.get(row.jobId);
    if (now === undefined || before.status === after.status) return [];
    return [
      toParentChange({
        job_id: row.jobId,
        parent_id: row.parentId,
        tenant_id: row.tenantId,
        user_id: row.userId,
        job_type: row.type,
        from: before.status,
        to: after.status,
        attempt: 0,
        run: now.run,
        starts_run: lifecycle.some((event) => event.type === 'JOB_STARTED'),
        version: now.version,
      }),
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

const STORE_PROGRESS = `
UPDATE parent_progress p SET
  version = n.version, status = n.status, sealed = n.sealed, pending = n.pending, running = n.running,
  completed = n.completed, failed = n.failed, cancelled = n.cancelled, skipped = n.skipped,
  children_per_second = n.rate, last_seq = n.last_seq, log_lines = n.log_lines, folded_at = now()
FROM unnest($1::uuid[], $2::int[], $3::text[], $4::boolean[], $5::int[], $6::int[], $7::int[], $8::int[],
            $9::int[], $10::int[], $11::float8[], $12::int[], $13::int[])
  AS n (job_id, version, status, sealed, pending, running, completed, failed, cancelled, skipped, rate, last_seq,
        log_lines)
WHERE p.job_id = n.job_id`;

const STORE_STATUSES = `
UPDATE job j SET
  status = n.after, version = j.version + 1, updated_at = now(),
  started_at = CASE WHEN n.runs_anew THEN now() ELSE coalesce(j.started_at, now()) END,
  finished_at = CASE WHEN n.ended THEN now() END,
  error = n.error::jsonb, run = j.run + n.runs_anew::int
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::boolean[])
  AS n (job_id, before, after, ended, error, runs_anew)
WHERE j.id = n.job_id AND j.status = n.before
RETURNING j.id, j.version, j.run`;
