import type { JobError, JobStatusChange } from '@progeny/contract';
import { type ChildState, MAX_ATTEMPTS } from '@progeny/core';
import type { Query } from './database.ts';
import { moveChildren } from './move-children.ts';
import { toStatusChanges } from './status-change.ts';

type OpenRow = ChildState & { id: string };

const LEASE_EXPIRED: JobError = {
  error_code: 'lease_expired',
  user_message: 'The worker that had this job fell silent, and no try is left.',
  technical_detail: `no heartbeat within the lease in any of ${MAX_ATTEMPTS} attempts`,
};

/** An expired lease gives the child back; its attempt stays live until somebody claims it anew. */
export async function reapExpired(query: Query, limit: number): Promise<JobStatusChange[]> {
  const rows = await query<OpenRow>(
    `SELECT id, status, attempt FROM job WHERE lease_expires_at < now()
      ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED`,
    [limit],
  );
  const moved = await moveChildren(
    query,
    rows.map(({ id, status, attempt }) => {
      const triesLeft = attempt < MAX_ATTEMPTS;
      return {
        jobId: id,
        expected: { status, attempt },
        to: { status: triesLeft ? 'pending' : 'failed', attempt },
        error: triesLeft ? undefined : LEASE_EXPIRED,
      };
    }),
  );
  return toStatusChanges(moved);
}

export async function sweepCancelled(
  query: Query,
  parentId: string,
  limit: number,
): Promise<JobStatusChange[]> {
  const rows = await lockOpen(query, { parentId, status: 'running', limit });
  if (rows.length < limit) {
    rows.push(...(await lockOpen(query, { parentId, status: 'pending', limit: limit - rows.length })));
  }
  const moved = await moveChildren(
    query,
    rows.map(({ id, status, attempt }) => ({
      jobId: id,
      expected: { status, attempt },
      to: { status: 'cancelled', attempt },
    })),
  );
  return toStatusChanges(moved);
}

/** One status at a time: so the index leads to the next ones, past all that were swept before. */
const lockOpen = (
  query: Query,
  { parentId, status, limit }: { parentId: string; status: 'pending' | 'running'; limit: number },
): Promise<OpenRow[]> =>
  query<OpenRow>(
    `SELECT j.id, j.status, j.attempt FROM job j
       JOIN parent_job p ON p.job_id = j.parent_id AND p.cancel_requested_at IS NOT NULL
      WHERE j.parent_id = $1 AND j.status = $2::job_status
      ORDER BY j.id LIMIT $3 FOR UPDATE OF j`,
    [parentId, status, limit],
  );
