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
  version: number;
  url: string | null;
  error: JobError | null;
}

/** The columns of MovedRow, but for `from_status`, of a job called `j`. */
export const MOVED_COLUMNS = `j.id, j.parent_id, j.tenant_id, j.user_id, j.type, j.status, j.attempt, j.version,
  j.payload->>'url' AS url, j.error`;

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
      version: row.version,
      ...(row.url !== null && { url: row.url }),
      ...(row.error !== null && { error: row.error }),
    }));
}
