import type { JobStatusChange } from '@progeny/contract';
import { RETRYABLE_ENDS } from '@progeny/core';
import { StoreError } from '@progeny/job-store';
import type { Query } from './database.ts';
import { IS_SEEN, lockParent, lockParents, touchParents } from './lock-parents.ts';
import { APPEND_DELTAS } from './move-children.ts';
import { type MovedRow, movedColumns, toStatusChanges } from './status-change.ts';

export async function requestRetryFailed(query: Query, parentId: string): Promise<JobStatusChange[]> {
  const parent = await lockParent(query, parentId);
  if (parent.stop_reason && !parent.ended)
    throw new StoreError('job_cancelling', `job ${parentId} is being stopped`);
  if (parent.retrying) return [];
  const [failed] = await query(`SELECT FROM job WHERE parent_id = $1 AND status = 'failed' LIMIT 1`, [
    parentId,
  ]);
  if (!failed) return [];
  if (parent.ended) await reopen(query, parentId);
  await query('UPDATE parent_job SET retry_requested_at = now() WHERE job_id = $1', [parentId]);
  return touchParents(query, [parentId]);
}

/** Whatever stopped or paused the parent does not stick to its next run. */
const reopen = (query: Query, parentId: string) =>
  query(
    `UPDATE parent_job SET stopped_at = NULL, stop_reason = NULL, paused_at = NULL, seal_expired_at = NULL,
            deadline_at = now() + deadline_ms * interval '1 millisecond'
      WHERE job_id = $1`,
    [parentId],
  );

export async function retryChild(query: Query, jobId: string): Promise<JobStatusChange[]> {
  const [family] = await query<{ parent_id: string | null }>(
    `SELECT parent_id FROM job j WHERE id = $1 AND ${IS_SEEN}`,
    [jobId],
  );
  if (!family) throw new StoreError('job_not_found', `there is no job ${jobId}`);
  if (family.parent_id === null) throw new StoreError('not_a_child', `job ${jobId} is a parent`);
  const [parent] = await lockParents(query, [family.parent_id]);
  if (!parent) throw new StoreError('job_not_found', `there is no job ${jobId}`);
  const [child] = await query<{ status: string; run: number }>(
    'SELECT status, run FROM job WHERE id = $1 FOR UPDATE',
    [jobId],
  );
  if (!child) throw new StoreError('job_not_found', `there is no job ${jobId}`);
  if ((child.status === 'pending' || child.status === 'running') && child.run > 1) return [];
  if (!RETRYABLE_ENDS.some((status) => status === child.status)) {
    throw new StoreError('not_retryable', `child ${jobId} is ${child.status}`);
  }
  if (parent.stop_reason && !parent.ended) {
    throw new StoreError('job_cancelling', `job ${parent.job_id} is being stopped`);
  }
  if (parent.ended) await reopen(query, parent.job_id);
  return toStatusChanges(await query<MovedRow>(BEGIN_RUN, [[jobId]]));
}

/** The next ones that had failed when the retry was asked for; the last batch ends it, and wakes whoever folds. */
export async function retryFailed(query: Query, parentId: string, limit: number): Promise<JobStatusChange[]> {
  const failed = await query<{ id: string }>(
    `SELECT j.id FROM job j JOIN parent_job p ON p.job_id = j.parent_id
      WHERE j.parent_id = $1 AND j.status = 'failed' AND j.finished_at <= p.retry_requested_at
      ORDER BY j.id LIMIT $2 FOR UPDATE OF j`,
    [parentId, limit],
  );
  const moved = await query<MovedRow>(BEGIN_RUN, [failed.map(({ id }) => id)]);
  if (failed.length === limit) return toStatusChanges(moved);
  await query('UPDATE parent_job SET retry_requested_at = NULL WHERE job_id = $1', [parentId]);
  return moved.length > 0 ? toStatusChanges(moved) : touchParents(query, [parentId]);
}

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
