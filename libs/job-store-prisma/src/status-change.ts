import { randomUUID } from 'node:crypto';
import type { ChildStatus, JobError, JobStatusChange } from '@progeny/contract';

/** What a statement that moved a child returns of it. */
export interface MovedRow {
  id: string;
  parent_id: string;
  tenant_id: string;
  user_id: string;
  type: string;
  from_status: ChildStatus | null;
  status: ChildStatus;
  attempt: number;
  run: number;
  starts_run: boolean;
  version: number;
  url: string | null;
  error: JobError | null;
}

/**
 * The columns of MovedRow of a job called `j`, which came from the status that `from` says in SQL. A run starts when its
 * child leaves `pending` and was not started before this very transaction.
 */
export const movedColumns = (from: string): string => `j.id, j.parent_id, j.tenant_id, j.user_id, j.type,
  ${from} AS from_status, j.status, j.attempt, j.run, j.version, j.payload->>'url' AS url, j.error,
  coalesce(${from} = 'pending' AND j.status <> 'pending', false)
    AND (j.started_at IS NULL OR j.started_at = now()::timestamptz(3)) AS starts_run`;

/** One event a row that changed its bucket; a row that only got a newer attempt is no status change. */
export function toStatusChanges(rows: readonly MovedRow[]): JobStatusChange[] {
  return rows
    .filter((row) => row.from_status !== row.status)
    .map((row) => ({
      // Names the event and sorts nothing; unlike the ids of jobs it need not cost a call to the kernel each.
      event_id: randomUUID(),
      job_id: row.id,
      parent_id: row.parent_id,
      tenant_id: row.tenant_id,
      user_id: row.user_id,
      job_type: row.type,
      from: row.from_status,
      to: row.status,
      attempt: row.attempt,
      run: row.run,
      starts_run: row.starts_run,
      version: row.version,
      ...(row.url !== null && { url: row.url }),
      ...(row.error !== null && { error: row.error }),
    }));
}
