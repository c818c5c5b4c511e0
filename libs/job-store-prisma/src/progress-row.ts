import type { ParentStatus } from '@progeny/contract';
import type { Counts, ParentState } from '@progeny/core';

/** A row of `parent_progress`, in the names of the typed client. */
export interface ProgressRow extends Counts {
  jobId: string;
  parentId: string | null;
  version: number;
  status: string;
  sealed: boolean;
  childrenPerSecond: number;
  verifiedAt: Date | null;
}

/** The columns of ProgressRow of a parent's progress `p` and its job `j`. */
export const PROGRESS_COLUMNS = `p.job_id AS "jobId", j.parent_id AS "parentId", p.version, p.status, p.sealed, p.pending,
  p.running, p.completed, p.failed, p.cancelled, p.skipped, p.children_per_second AS "childrenPerSecond",
  p.verified_at AS "verifiedAt"`;

export function toParentState(row: ProgressRow): ParentState {
  const { pending, running, completed, failed, cancelled, skipped } = row;
  return {
    jobId: row.jobId,
    parentId: row.parentId,
    version: row.version,
    // The check constraint of `job` and the fold keep `skipped`, which no parent can be, out of this column.
    status: row.status as ParentStatus,
    sealed: row.sealed,
    counts: { pending, running, completed, failed, cancelled, skipped },
    childrenPerSecond: row.childrenPerSecond,
    verifiedAt: row.verifiedAt,
  };
}
