import type { JobStatusChange, StopReason } from '@progeny/contract';
import { StoreError } from '@progeny/job-store';
import { v7 as newId } from 'uuid';
import type { Query } from './database.ts';

/** What adding children and commands have to know of a parent. */
export interface ParentRow {
  job_id: string;
  /** The parent that it is nested in. */
  parent_id: string | null;
  tenant_id: string;
  user_id: string;
  child_type: string;
  max_children: number | null;
  admitted: number;
  priority: number;
  sealed: boolean;
  /** Its open children are being cancelled, or were. */
  stop_reason: StopReason | null;
  paused: boolean;
  retrying: boolean;
  /** As last derived, unless something of it was opened again since. */
  ended: boolean;
}

/**
 * Locks parents against other additions and commands until the transaction ends. In the order of ids, and
 * always before any child is locked, so that two transactions never wait for each other.
 */
export function lockParents(query: Query, parentIds: readonly string[]): Promise<ParentRow[]> {
  return query<ParentRow>(
    `SELECT p.job_id, j.parent_id, p.tenant_id, j.user_id, p.child_type, p.max_children, p.admitted,
            j.priority, p.sealed_at IS NOT NULL AS sealed, p.stop_reason,
            p.paused_at IS NOT NULL AS paused, p.retry_requested_at IS NOT NULL AS retrying,
            j.finished_at IS NOT NULL AND p.retry_requested_at IS NULL AND NOT EXISTS (
              SELECT FROM job c WHERE c.parent_id = p.job_id AND c.status IN ('pending', 'running', 'paused')
            ) AS ended
       FROM parent_job p JOIN job j ON j.id = p.job_id
      WHERE p.job_id = ANY($1::uuid[]) AND p.deleted_at IS NULL ORDER BY p.job_id FOR UPDATE OF p`,
    [parentIds],
  );
}

/** A new version of the parents in the same status, as the changes that wake whoever folds, in the order given. */
export async function touchParents(query: Query, parentIds: readonly string[]): Promise<JobStatusChange[]> {
  if (parentIds.length === 0) return [];
  const rows = await query<ParentChangeRow>(
    `UPDATE job SET version = version + 1, updated_at = now() WHERE id = ANY($1::uuid[])
     RETURNING id AS job_id, parent_id, tenant_id, user_id, type AS job_type, status AS "from", status AS "to",
               attempt, run, false AS starts_run, version`,
    [parentIds],
  );
  const place = new Map(parentIds.map((id, index) => [id, index]));
  rows.sort((a, b) => (place.get(a.job_id) ?? 0) - (place.get(b.job_id) ?? 0));
  return rows.map(toParentChange);
}

/** A parent's own change, as a statement returns it. */
export type ParentChangeRow = Omit<JobStatusChange, 'event_id' | 'is_parent'>;

export const toParentChange = (row: ParentChangeRow): JobStatusChange => ({
  event_id: newId(),
  ...row,
  ...(row.parent_id !== null && { is_parent: true }),
});

export async function lockParent(query: Query, parentId: string): Promise<ParentRow> {
  const [parent] = await lockParents(query, [parentId]);
  if (parent) return parent;
  await requireParent(query, parentId);
  throw new StoreError('unavailable', `job ${parentId} could not be locked`);
}

/** Of a locked parent that is to take on children. StoreError: `job_ended` (stopped ones too), `job_sealed`. */
export function requireUnsealed({ job_id, ended, stop_reason, sealed }: ParentRow): void {
  if (ended || stop_reason) throw new StoreError('job_ended', `job ${job_id} has ended`);
  if (sealed) throw new StoreError('job_sealed', `job ${job_id} is sealed`);
}

/** StoreError: `job_not_found`, `not_a_parent`. */
export async function requireParent(query: Query, jobId: string): Promise<void> {
  const [job] = await query<{ is_parent: boolean }>(
    `SELECT is_parent FROM job j WHERE id = $1 AND ${IS_SEEN}`,
    [jobId],
  );
  if (!job) throw new StoreError('job_not_found', `there is no job ${jobId}`);
  if (!job.is_parent) throw new StoreError('not_a_parent', `job ${jobId} is a child`);
}

/** Of a job `j`: neither it nor its parent was deleted. Parents nested in a deleted one are marked as it is. */
export const IS_SEEN = `NOT EXISTS (
  SELECT FROM parent_job d WHERE d.job_id IN (j.id, j.parent_id) AND d.deleted_at IS NOT NULL)`;
