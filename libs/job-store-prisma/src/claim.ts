import type { ClaimReply, JobStatusChange } from '@progeny/contract';
import type { ClaimOptions } from '@progeny/job-store';
import type { Query } from './database.ts';
import { APPEND_DELTAS } from './move-children.ts';
import { MOVED_COLUMNS, type MovedRow, toStatusChanges } from './status-change.ts';

interface ClaimedRow extends MovedRow {
  key: string;
  payload: Record<string, unknown>;
  lease_expires_at: Date;
}

export async function claim(
  query: Query,
  { workerId, jobTypes, limit, leaseMs }: ClaimOptions,
): Promise<ClaimReply & { changes: JobStatusChange[] }> {
  const rows: ClaimedRow[] = [];
  for (const jobType of jobTypes) {
    if (rows.length === limit) break;
    rows.push(...(await query<ClaimedRow>(CLAIM, [jobType, limit - rows.length, workerId, leaseMs])));
  }
  rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    children: rows.map((row) => ({
      job_id: row.id,
      parent_id: row.parent_id,
      job_type: row.type,
      key: row.key,
      payload: row.payload,
      attempt: row.attempt,
      lease_expires_at: row.lease_expires_at.toISOString(),
    })),
    parents: await readSpecs(query, rows),
    changes: toStatusChanges(rows),
  };
}

async function readSpecs(query: Query, rows: readonly ClaimedRow[]): Promise<ClaimReply['parents']> {
  if (rows.length === 0) return {};
  const parents = await query<{ job_id: string; spec: Record<string, unknown> }>(
    'SELECT job_id, spec FROM parent_job WHERE job_id = ANY($1::uuid[])',
    [[...new Set(rows.map((row) => row.parent_id))]],
  );
  return Object.fromEntries(parents.map((parent) => [parent.job_id, parent.spec]));
}

export async function heartbeat(
  query: Query,
  children: readonly { jobId: string; attempt: number }[],
  leaseMs: number,
): Promise<{ lost: string[] }> {
  const rows = await query<{ id: string; attempt: number }>(
    `UPDATE job j SET lease_expires_at = now() + $3 * interval '1 millisecond'
       FROM unnest($1::uuid[], $2::int[]) AS c (id, attempt)
      WHERE j.id = c.id AND j.attempt = c.attempt AND j.status = 'running' AND j.parent_id IS NOT NULL
      RETURNING j.id, j.attempt`,
    [children.map((child) => child.jobId), children.map((child) => child.attempt), leaseMs],
  );
  const held = new Set(rows.map((row) => `${row.id}/${row.attempt}`));
  const isLost = (child: { jobId: string; attempt: number }) => !held.has(`${child.jobId}/${child.attempt}`);
  return { lost: children.filter(isLost).map((child) => child.jobId) };
}

// SKIP LOCKED: two claims at once never wait for each other and never get the same child. A subquery for the parent and
// no join, which would be planned by way of all that is pending.
export const CLAIM = `
WITH due AS (
  SELECT j.id FROM job j
   WHERE j.type = $1 AND j.status = 'pending' AND j.parent_id IS NOT NULL AND j.available_at <= now()
     AND (SELECT p.cancel_requested_at FROM parent_job p WHERE p.job_id = j.parent_id) IS NULL
   ORDER BY j.available_at, j.id LIMIT $2
   FOR UPDATE OF j SKIP LOCKED
), moved AS (
  UPDATE job j SET
    status = 'running',
    attempt = j.attempt + 1,
    version = j.version + 1,
    lease_owner = $3,
    lease_expires_at = now() + $4 * interval '1 millisecond',
    started_at = coalesce(j.started_at, now()),
    updated_at = now()
  FROM due WHERE j.id = due.id
  RETURNING ${MOVED_COLUMNS}, 'pending'::job_status AS from_status, j.key, j.payload, j.lease_expires_at
), logged AS (${APPEND_DELTAS}
)
SELECT * FROM moved`;
