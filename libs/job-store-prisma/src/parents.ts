import type { AddedChild, ChildInput, JobStatusChange, StopReason } from '@progeny/contract';
import { type NewParent, StoreError } from '@progeny/job-store';
import { v7 as newId } from 'uuid';
import type { Query } from './database.ts';
import { fold } from './fold.ts';
import { findChildren, insertChildren } from './insert-children.ts';
import { lockParent, touchParents } from './lock-parents.ts';
import { toStatusChanges } from './status-change.ts';

export interface Created {
  jobId: string;
  created: boolean;
  changes: JobStatusChange[];
}

export async function createParent(query: Query, parent: NewParent): Promise<Created> {
  const { tenantId, userId } = parent.owner;
  const jobId = newId();
  if (parent.idempotency) {
    const known = await claimIdempotencyKey(query, parent, parent.idempotency);
    if (known) return { jobId: known, created: false, changes: [] };
  }
  // First: what hangs on a job is let in by row-level security when the job is there.
  await query(
    `INSERT INTO job (id, tenant_id, user_id, type, status, priority) VALUES ($1, $2, $3, $4, 'pending', $5)`,
    [jobId, tenantId, userId, parent.type, parent.priority],
  );
  await query(
    `WITH facts AS (
       INSERT INTO parent_job (job_id, tenant_id, name, spec, child_type, max_children, sealed_at,
                               seal_timeout_ms, idempotency_key, fingerprint, failure_policy, deadline_ms,
                               deadline_at, child_timeout_ms)
       VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $7 THEN now() END, $8, $9, $10, $11, $12::bigint,
               now() + $12::bigint * interval '1 millisecond', $13)
     )
     INSERT INTO parent_progress (job_id) VALUES ($1)`,
    [
      jobId,
      tenantId,
      parent.name,
      JSON.stringify(parent.spec),
      parent.childType,
      parent.maxChildren,
      parent.sealed,
      parent.sealTimeoutMs,
      parent.idempotency?.key ?? null,
      parent.idempotency?.fingerprint ?? null,
      JSON.stringify(parent.failurePolicy),
      parent.deadlineMs,
      parent.childTimeoutMs,
    ],
  );
  const children = await insertChildren(
    query,
    {
      job_id: jobId,
      tenant_id: tenantId,
      user_id: userId,
      child_type: parent.childType,
      max_children: parent.maxChildren,
      admitted: 0,
      priority: parent.priority,
      sealed: parent.sealed,
      stop_reason: null,
      paused: false,
      retrying: false,
      ended: false,
    },
    parent.children,
  );
  // Folded before anybody can see the parent: its very first snapshot has its children in it.
  if (children.length > 0) await fold(query, [jobId]);
  const birth: JobStatusChange = {
    event_id: newId(),
    job_id: jobId,
    parent_id: null,
    tenant_id: tenantId,
    user_id: userId,
    job_type: parent.type,
    from: null,
    to: 'pending',
    attempt: 0,
    run: 1,
    starts_run: false,
    version: 1,
  };
  return { jobId, created: true, changes: [birth, ...toStatusChanges(children)] };
}

/** The job that the key already made, or null. Whoever comes second with the same key waits for the first here. */
async function claimIdempotencyKey(
  query: Query,
  { owner }: NewParent,
  { key, fingerprint }: { key: string; fingerprint: string },
): Promise<string | null> {
  await query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${owner.tenantId}\n${key}`]);
  const [known] = await query<{ job_id: string; fingerprint: string }>(
    'SELECT job_id, fingerprint FROM parent_job WHERE tenant_id = $1 AND idempotency_key = $2',
    [owner.tenantId, key],
  );
  if (!known) return null;
  if (known.fingerprint === fingerprint) return known.job_id;
  throw new StoreError('idempotency_key_reused', 'the key was used for a request with another body');
}

export async function addChildren(
  query: Query,
  parentId: string,
  children: readonly ChildInput[],
): Promise<{ children: AddedChild[]; changes: JobStatusChange[] }> {
  const parent = await lockParent(query, parentId);
  if (parent.ended || parent.stop_reason) throw new StoreError('job_ended', `job ${parentId} has ended`);
  if (parent.sealed) throw new StoreError('job_sealed', `job ${parentId} is sealed`);
  const inserted = await insertChildren(query, parent, children);
  const born = new Set(inserted.map((row) => row.id));
  const ids = new Map(
    (await findChildren(query, parentId, [...new Set(children.map((child) => child.key))])).map(
      (row) => [row.key, row.id] as const,
    ),
  );
  const answered = children.flatMap(({ key }) => {
    const id = ids.get(key);
    if (!id) return [];
    return [{ job_id: id, key, created: born.delete(id) }];
  });
  return { children: answered, changes: toStatusChanges(inserted) };
}

export async function seal(query: Query, parentId: string): Promise<JobStatusChange[]> {
  const parent = await lockParent(query, parentId);
  if (parent.sealed) return [];
  await query('UPDATE parent_job SET sealed_at = now() WHERE job_id = $1', [parentId]);
  return touchParents(query, [parentId]);
}

/**
 * In two statements: the second one sees what was added to those that the first has locked, and nothing more can
 * be added until the end.
 */
export async function expireSeals(query: Query, limit: number): Promise<JobStatusChange[]> {
  const overdue = await query<{ job_id: string }>(
    `SELECT f.job_id FROM parent_job f JOIN parent_progress p ON p.job_id = f.job_id WHERE ${IS_OVERDUE}
      ORDER BY f.job_id LIMIT $1 FOR UPDATE OF f SKIP LOCKED`,
    [limit],
  );
  if (overdue.length === 0) return [];
  const expired = await query<{ job_id: string }>(
    `UPDATE parent_job f SET sealed_at = now(), seal_expired_at = now()
       FROM parent_progress p WHERE p.job_id = f.job_id AND f.job_id = ANY($1::uuid[]) AND ${IS_OVERDUE}
     RETURNING f.job_id`,
    [overdue.map((row) => row.job_id)],
  );
  return touchParents(
    query,
    expired.map((row) => row.job_id),
  );
}

/** Of a parent `f` with its progress `p`: unsealed and out of time, with nothing open and nothing uncounted. */
const IS_OVERDUE = `f.sealed_at IS NULL AND f.seal_timeout_ms IS NOT NULL
  AND p.pending + p.running = 0 AND p.folded_at < now() - f.seal_timeout_ms * interval '1 millisecond'
  AND NOT EXISTS (SELECT FROM job_delta d WHERE d.parent_id = f.job_id)`;

export async function requestCancel(query: Query, parentId: string): Promise<JobStatusChange[]> {
  const parent = await lockParent(query, parentId);
  if (parent.ended && parent.stop_reason !== 'cancelled') {
    throw new StoreError('job_ended', `job ${parentId} has ended`);
  }
  return parent.stop_reason === null ? stopParents(query, [parentId], 'cancelled') : [];
}

/** From here on their open children are cancelled, whatever else was ordered before. */
async function stopParents(
  query: Query,
  parentIds: readonly string[],
  reason: StopReason,
): Promise<JobStatusChange[]> {
  await query(STOP_PARENTS, [parentIds, reason]);
  return touchParents(query, parentIds);
}

export const STOP_PARENTS = `
UPDATE parent_job SET stopped_at = now(), stop_reason = $2::stop_reason, sealed_at = coalesce(sealed_at, now()),
       paused_at = NULL, retry_requested_at = NULL, deadline_at = NULL
 WHERE job_id = ANY($1::uuid[])`;

export async function expireDeadlines(query: Query, limit: number): Promise<JobStatusChange[]> {
  const overdue = await query<{ job_id: string }>(
    `SELECT job_id FROM parent_job WHERE deadline_at < now() AND deleted_at IS NULL
      ORDER BY job_id LIMIT $1 FOR UPDATE SKIP LOCKED`,
    [limit],
  );
  if (overdue.length === 0) return [];
  return stopParents(
    query,
    overdue.map((row) => row.job_id),
    'deadline_exceeded',
  );
}

export async function pause(query: Query, parentId: string): Promise<JobStatusChange[]> {
  const parent = await lockParent(query, parentId);
  if (parent.ended) throw new StoreError('job_ended', `job ${parentId} has ended`);
  if (parent.stop_reason) throw new StoreError('job_cancelling', `job ${parentId} is being stopped`);
  if (parent.paused) return [];
  await query('UPDATE parent_job SET paused_at = now() WHERE job_id = $1', [parentId]);
  return touchParents(query, [parentId]);
}

export async function resume(query: Query, parentId: string): Promise<JobStatusChange[]> {
  const parent = await lockParent(query, parentId);
  if (parent.ended) throw new StoreError('job_ended', `job ${parentId} has ended`);
  if (!parent.paused) return [];
  await query('UPDATE parent_job SET paused_at = NULL WHERE job_id = $1', [parentId]);
  return touchParents(query, [parentId]);
}
