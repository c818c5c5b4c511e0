import { randomUUID } from 'node:crypto';
import type { JobStatusChange } from '@progeny/contract';
import { StoreError } from '@progeny/job-store';
import type { Query } from './database.ts';
import { lockParent } from './lock-parents.ts';

export async function deleteParent(query: Query, parentId: string): Promise<JobStatusChange[]> {
  const parent = await lockParent(query, parentId);
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
        AND NOT EXISTS (SELECT FROM job c WHERE c.parent_id = j.id AND c.status IN ('pending', 'running'))
      ORDER BY j.finished_at LIMIT $2 FOR UPDATE OF p SKIP LOCKED`,
    [olderThanMs, limit],
  );
  return hide(
    query,
    old.map((row) => row.job_id),
  );
}

/** Its idempotency key is free again: the same request makes a new job. */
async function hide(query: Query, parentIds: readonly string[]): Promise<JobStatusChange[]> {
  if (parentIds.length === 0) return [];
  const rows = await query<Omit<JobStatusChange, 'event_id'>>(
    `WITH hidden AS (
       UPDATE parent_job SET deleted_at = now(), idempotency_key = NULL, fingerprint = NULL
        WHERE job_id = ANY($1::uuid[]) RETURNING job_id
     )
     UPDATE job j SET version = version + 1, updated_at = now() FROM hidden h WHERE j.id = h.job_id
     RETURNING id AS job_id, parent_id, tenant_id, user_id, type AS job_type, status AS "from", NULL AS "to",
               attempt, run, false AS starts_run, version`,
    [parentIds],
  );
  return rows.map((row) => ({ event_id: randomUUID(), ...row }));
}

/** Children first, so that no statement is as long as a family is large. */
export async function removeDeleted(query: Query, limit: number): Promise<number> {
  const children = await query(
    `DELETE FROM job WHERE id IN (
       SELECT c.id FROM parent_job p JOIN job c ON c.parent_id = p.job_id WHERE p.deleted_at IS NOT NULL LIMIT $1
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
