import type { JobStatusChange } from '@progeny/contract';
import { RETRYABLE_ENDS } from '@progeny/core';
import { StoreError } from '@progeny/job-store';
import type { Query } from './database.ts';
import { IS_SEEN, lockParent, lockParents, type ParentRow, touchParents } from './lock-parents.ts';
import { APPEND_DELTAS } from './move-children.ts';
import { lineOf } from './nesting.ts';
import { type MovedRow, movedColumns, toStatusChanges } from './status-change.ts';

export async function requestRetryFailed(query: Query, parentId: string): Promise<JobStatusChange[]> {
  const { parent, line } = await lockLine(query, parentId);
  if (parent.retrying) return [];
  const [failed] = await query(`SELECT FROM job WHERE parent_id = $1 AND status = 'failed' LIMIT 1`, [
    parentId,
  ]);
  if (!failed) return [];
  await reopen(query, line);
  return askForRetry(query, [parentId]);
}

/** What has failed in them by now is to be tried again. */
async function askForRetry(query: Query, parentIds: readonly string[]): Promise<JobStatusChange[]> {
  if (parentIds.length === 0) return [];
  await query('UPDATE parent_job SET retry_requested_at = now() WHERE job_id = ANY($1::uuid[])', [parentIds]);
  return touchParents(query, parentIds);
}

/** The parent and those that it is nested in, locked. StoreError: of `lockParent`, and `job_cancelling`. */
async function lockLine(query: Query, parentId: string): Promise<{ parent: ParentRow; line: ParentRow[] }> {
  const line = await lockParents(query, await lineOf(query, parentId));
  const parent = line.find(({ job_id }) => job_id === parentId) ?? (await lockParent(query, parentId));
  requireNoStop(line);
  return { parent, line };
}

function requireNoStop(line: readonly ParentRow[]): void {
  const stopping = line.find(({ stop_reason, ended }) => stop_reason !== null && !ended);
  if (stopping) throw new StoreError('job_cancelling', `job ${stopping.job_id} is being stopped`);
}

/** Whatever stopped or paused those that have ended does not stick to their next run. */
const reopen = (query: Query, parents: readonly ParentRow[]) =>
  query(
    `UPDATE parent_job SET stopped_at = NULL, stop_reason = NULL, paused_at = NULL, seal_expired_at = NULL,
            deadline_at = now() + deadline_ms * interval '1 millisecond'
      WHERE job_id = ANY($1::uuid[])`,
    [parents.filter(({ ended }) => ended).map(({ job_id }) => job_id)],
  );

export async function retryChild(query: Query, jobId: string): Promise<JobStatusChange[]> {
  const [family] = await query<{ parent_id: string; is_parent: boolean }>(
    `SELECT parent_id, is_parent FROM job j WHERE id = $1 AND ${IS_SEEN}`,
    [jobId],
  );
  if (!family) throw new StoreError('job_not_found', `there is no job ${jobId}`);
  if (family.is_parent) throw new StoreError('not_a_child', `job ${jobId} is a parent`);
  const line = await lockParents(query, await lineOf(query, family.parent_id));
  if (!line.some(({ job_id }) => job_id === family.parent_id)) {
    throw new StoreError('job_not_found', `there is no job ${jobId}`);
  }
  const [child] = await query<{ status: string; run: number }>(
    'SELECT status, run FROM job WHERE id = $1 FOR UPDATE',
    [jobId],
  );
  if (!child) throw new StoreError('job_not_found', `there is no job ${jobId}`);
  if ((child.status === 'pending' || child.status === 'running') && child.run > 1) return [];
  if (!RETRYABLE_ENDS.some((status) => status === child.status)) {
    throw new StoreError('not_retryable', `child ${jobId} is ${child.status}`);
  }
  requireNoStop(line);
  await reopen(query, line);
  return toStatusChanges(await query<MovedRow>(BEGIN_RUN, [[jobId]]));
}

/**
 * The next ones that had failed when the retry was asked for. It ends with a batch that is not full, unless a nested
 * parent has still to show that it runs again; the last batch wakes whoever folds.
 */
export async function retryFailed(query: Query, parentId: string, limit: number): Promise<JobStatusChange[]> {
  const failed = await query<{ id: string }>(
    `SELECT j.id FROM job j JOIN parent_job p ON p.job_id = j.parent_id
      WHERE j.parent_id = $1 AND j.status = 'failed' AND NOT j.is_parent AND j.finished_at <= p.retry_requested_at
      ORDER BY j.id LIMIT $2 FOR UPDATE OF j`,
    [parentId, limit],
  );
  const moved = toStatusChanges(await query<MovedRow>(BEGIN_RUN, [failed.map(({ id }) => id)]));
  if (failed.length === limit) return moved;
  const asked = await retryNested(query, parentId, limit - failed.length);
  if (asked === 'over') {
    await query('UPDATE parent_job SET retry_requested_at = NULL WHERE job_id = $1', [parentId]);
    return moved.length > 0 ? moved : touchParents(query, [parentId]);
  }
  return [...moved, ...asked];
}

/** Asks nested parents that failed to retry in turn; `over` when all that had failed run again. */
async function retryNested(
  query: Query,
  parentId: string,
  limit: number,
): Promise<JobStatusChange[] | 'over'> {
  const failed = await query<{ id: string; retries: boolean }>(NESTED_TO_RETRY, [parentId, limit]);
  if (failed.length === 0) return 'over';
  const idle = failed.filter(({ retries }) => !retries).map(({ id }) => id);
  const parents = await lockParents(query, idle);
  await reopen(query, parents);
  return askForRetry(
    query,
    parents.map(({ job_id }) => job_id),
  );
}

/**
 * Nested parents that have failed, with a child that can be tried again from before the retry, however deep, or that retry
 * already and do not show it yet. Those to be asked come first. One without such a child would be asked for ever.
 */
const NESTED_TO_RETRY = `
SELECT j.id, f.retries FROM job j JOIN parent_job o ON o.job_id = j.parent_id, LATERAL (
  SELECT n.retry_requested_at IS NOT NULL
           OR EXISTS (SELECT FROM job_delta d WHERE d.parent_id = n.job_id) AS retries
    FROM parent_job n WHERE n.job_id = j.id AND n.deleted_at IS NULL
) AS f
 WHERE j.parent_id = $1 AND j.is_parent AND j.status = 'failed' AND (f.retries OR EXISTS (
   WITH RECURSIVE within AS (
     SELECT id, is_parent, finished_at FROM job WHERE parent_id = j.id AND status = 'failed'
     UNION ALL
     SELECT c.id, c.is_parent, c.finished_at
       FROM within w JOIN job c ON c.parent_id = w.id AND c.status = 'failed' WHERE w.is_parent
   )
   SELECT FROM within WHERE NOT is_parent AND finished_at <= o.retry_requested_at
 ))
 ORDER BY f.retries, j.id LIMIT $2`;

/** A new attempt at once: what is still reported of the old ones is stale. */
const BEGIN_RUN = `
WITH ended AS (
  SELECT id, status FROM job WHERE id = ANY($1::uuid[])
), moved AS (
  UPDATE job j SET
    status = 'pending',
    attempt = j.attempt + 1,
    run_base = j.attempt + 1,
    run = j.run + 1,
    version = j.version + 1,
    available_at = now(),
    times_out_at = NULL,
    progress_percentage = 0, progress_stage = 'queued', progress_label = '',
    started_at = NULL,
    finished_at = NULL,
    updated_at = now(),
    result = NULL
  FROM ended WHERE j.id = ended.id
  RETURNING ${movedColumns('ended.status')}
), logged AS (${APPEND_DELTAS}
)
SELECT * FROM moved`;
