import type { JobStatusChange } from '@progeny/contract';
import { StoreError } from '@progeny/job-store';
import type { Query } from './database.ts';
import { lockParent, type ParentChangeRow, toParentChange } from './lock-parents.ts';

export async function deleteParent(query: Query, parentId: string): Promise<JobStatusChange[]> {
  const parent = await lockParent(query, parentId);
  if (parent.parent_id !== null) throw new StoreError('nested_job', `job ${parentId} is nested in another`);
  if (!parent.ended) throw new StoreError('job_not_ended', `job ${parentId} has not ended`);
  return hide(query, [parentId]);
}

export async function deleteEnded(
  query: Query,
  olderThanMs: number,
  limit: number,
): Promise<JobStatusChange[]> {
  const old = await query<{ job_id: string }>(
    `SELECT p.job_id FROM job j JOIN parent_job p ON p.job_id = j.id
      WHERE j.parent_id IS NULL AND j.finished_at < now() - $1 * interval '1 millisecond'
        AND p.deleted_at IS NULL AND p.retry_requested_at IS NULL
        AND NOT EXISTS (SELECT FROM job c WHERE c.parent_id = j.id AND c.status IN ('pending', 'running', 'paused'))
      ORDER BY j.finished_at LIMIT $2 FOR UPDATE OF p SKIP LOCKED`,
    [olderThanMs, limit],
  );
  return hide(
    query,
    old.map((row) => row.job_id),
  );
}

/** With all that is nested in them. Their idempotency keys are free again: the same request makes a new job. */
async function hide(query: Query, parentIds: readonly string[]): Promise<JobStatusChange[]> {
  if (parentIds.length === 0) return [];
  const rows = await query<ParentChangeRow>(
    `WITH RECURSIVE family AS (
       SELECT unnest($1::uuid[]) AS id
       UNION ALL
       SELECT j.id FROM family f JOIN job j ON j.parent_id = f.id AND j.is_parent
     ), hidden AS (
       UPDATE parent_job SET deleted_at = now(), idempotency_key = NULL, fingerprint = NULL
        WHERE job_id IN (SELECT id FROM family)
     )
     UPDATE job SET version = version + 1, updated_at = now() WHERE id = ANY($1::uuid[])
     RETURNING id AS job_id, parent_id, tenant_id, user_id, type AS job_type, status AS "from", NULL AS "to",
               attempt, run, false AS starts_run, version`,
    [parentIds],
  );
  return rows.map(toParentChange);
}

/** Those without children first, so that no statement is as long as a family is large. */
export async function removeDeleted(query: Query, limit: number): Promise<number> {
  const children = await query(
    `DELETE FROM job WHERE id IN (
       SELECT c.id FROM parent_job p JOIN job c ON c.parent_id = p.job_id
        WHERE p.deleted_at IS NOT NULL AND NOT c.is_parent LIMIT $1
     ) RETURNING id`,
    [limit],
  );
  if (children.length >= limit) return children.length;
  const parents = await query<{ id: string }>(
    `DELETE FROM job WHERE id IN (
       SELECT p.job_id FROM parent_job p
        WHERE p.deleted_at IS NOT NULL AND NOT EXISTS (SELECT FROM job c WHERE c.parent_id = p.job_id) LIMIT $1
     ) RETURNING id`,
    [limit - children.length],
  );
  await query('DELETE FROM job_delta WHERE parent_id = ANY($1::uuid[])', [parents.map((row) => row.id)]);
  return children.length + parents.length;
}
