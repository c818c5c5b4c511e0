import type { JobStatusChange, StopReason } from '@progeny/contract';
import { StoreError } from '@progeny/job-store';
import type { Query } from './database.ts';
import { lockParent, lockParents, type ParentRow, touchParents } from './lock-parents.ts';
import { nestedIn } from './nesting.ts';

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
export async function stopParents(
  query: Query,
  parentIds: readonly string[],
  reason: StopReason,
): Promise<JobStatusChange[]> {
  if (parentIds.length > 0) await query(STOP_PARENTS, [parentIds, reason]);
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
  const [parent, nested] = await lockNested(query, parentId);
  if (parent.ended) throw new StoreError('job_ended', `job ${parentId} has ended`);
  if (parent.stop_reason) throw new StoreError('job_cancelling', `job ${parentId} is being stopped`);
  if (parent.paused) return [];
  return setPaused(
    query,
    [parent, ...nested.filter(({ paused, stop_reason }) => !paused && !stop_reason)],
    true,
  );
}

export async function resume(query: Query, parentId: string): Promise<JobStatusChange[]> {
  const [parent, nested] = await lockNested(query, parentId);
  if (parent.ended) throw new StoreError('job_ended', `job ${parentId} has ended`);
  if (!parent.paused) return [];
  return setPaused(query, [parent, ...nested.filter(({ paused }) => paused)], false);
}

/** The parent, and those nested in it that have not ended. */
async function lockNested(query: Query, parentId: string): Promise<[ParentRow, ParentRow[]]> {
  const parents = await lockParents(query, [parentId, ...(await nestedIn(query, parentId))]);
  const parent = parents.find(({ job_id }) => job_id === parentId) ?? (await lockParent(query, parentId));
  return [parent, parents.filter((one) => one !== parent && !one.ended)];
}

async function setPaused(
  query: Query,
  parents: readonly ParentRow[],
  paused: boolean,
): Promise<JobStatusChange[]> {
  const parentIds = parents.map(({ job_id }) => job_id);
  await query(
    'UPDATE parent_job SET paused_at = CASE WHEN $2 THEN now() END WHERE job_id = ANY($1::uuid[])',
    [parentIds, paused],
  );
  return touchParents(query, parentIds);
}
