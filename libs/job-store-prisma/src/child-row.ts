import type { ChildStatus, JobError, JobProgressEvent } from '@progeny/contract';
import { type ChildRecord, toJobProgress } from '@progeny/core';

/** What a viewer of a child is shown, as a row. */
export interface ChildRow {
  id: string;
  parent_id: string;
  tenant_id: string;
  user_id: string;
  type: string;
  status: ChildStatus;
  run: number;
  version: number;
  progress_percentage: number;
  progress_stage: string;
  progress_label: string;
  result: Record<string, unknown> | null;
  error: JobError | null;
  started_at: Date | null;
  finished_at: Date | null;
}

/** The columns of ChildRow of a job called `j`. */
export const CHILD_COLUMNS = `j.id, j.parent_id, j.tenant_id, j.user_id, j.type, j.status, j.run, j.version,
  j.progress_percentage, j.progress_stage, j.progress_label, j.result, j.error, j.started_at, j.finished_at`;

export const toChildRecord = (row: ChildRow): ChildRecord => ({
  job_id: row.id,
  parent_id: row.parent_id,
  job_type: row.type,
  run: row.run,
  status: row.status,
  version: row.version,
  progress: { progress: row.progress_percentage, stage: row.progress_stage, label: row.progress_label },
  startedAt: row.started_at,
  finishedAt: row.finished_at,
  result: row.result,
  ...(row.error && { error: row.error }),
});

export const toProgressPayload = (row: ChildRow): JobProgressEvent['payload'] =>
  toJobProgress(toChildRecord(row));
