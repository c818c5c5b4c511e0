import type { JobError, JobStatusChange } from '@progeny/contract';
import { type ChildState, hasTriesLeft, MAX_ATTEMPTS } from '@progeny/core';
import { stopParents } from './commands.ts';
import type { Query } from './database.ts';
import { lockParents } from './lock-parents.ts';
import { moveChildren } from './move-children.ts';
import { retryFailed } from './retry.ts';
import { toStatusChanges } from './status-change.ts';

type OpenRow = ChildState & { id: string };

const LEASE_EXPIRED: JobError = {
  error_code: 'lease_expired',
  user_message: 'The worker that had this job fell silent, and no try is left.',
  technical_detail: `no heartbeat within the lease in any of ${MAX_ATTEMPTS} attempts`,
};

const TIMED_OUT: JobError = {
  error_code: 'timed_out',
  user_message: 'This took longer than it may, and no try is left.',
  technical_detail: `beyond child_timeout_seconds in the last of ${MAX_ATTEMPTS} attempts`,
};

/** An expired lease gives the child back; its attempt stays live until somebody claims it anew. */
export async function reapExpired(query: Query, limit: number): Promise<JobStatusChange[]> {
  const rows = await query<OpenRow & { runBase: number; timed_out: boolean }>(
    `SELECT id, status, attempt, run_base AS "runBase", coalesce(times_out_at <= now(), false) AS timed_out
       FROM job WHERE lease_expires_at < now()
      ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED`,
    [limit],
  );
  const moved = await moveChildren(
    query,
    rows.map(({ id, status, attempt, runBase, timed_out }) => {
      const triesLeft = hasTriesLeft({ runBase }, attempt);
      return {
        jobId: id,
        expected: { status, attempt },
        to: { status: triesLeft ? 'pending' : 'failed', attempt },
        error: triesLeft ? undefined : timed_out ? TIMED_OUT : LEASE_EXPIRED,
      };
    }),
  );
  return toStatusChanges(moved);
}

export async function sweep(query: Query, parentId: string, limit: number): Promise<JobStatusChange[]> {
  const [parent] = await lockParents(query, [parentId]);
  if (parent?.stop_reason) return cancelOpen(query, parentId, limit);
  return parent?.retrying ? retryFailed(query, parentId, limit) : [];
}

async function cancelOpen(query: Query, parentId: string, limit: number): Promise<JobStatusChange[]> {
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
  const stopped = rows.length < limit ? await stopNested(query, parentId, limit - rows.length) : [];
  return [...toStatusChanges(moved), ...stopped];
}

/** Nested parents end by themselves once they are stopped; their own sweeps cancel what is in them. */
async function stopNested(query: Query, parentId: string, limit: number): Promise<JobStatusChange[]> {
  const open = await query<{ id: string }>(
    `SELECT j.id FROM job j JOIN parent_job n ON n.job_id = j.id
      WHERE j.parent_id = $1 AND j.is_parent AND j.finished_at IS NULL AND n.stopped_at IS NULL
      ORDER BY j.id LIMIT $2`,
    [parentId, limit],
  );
  const parents = await lockParents(
    query,
    open.map(({ id }) => id),
  );
  return stopParents(
    query,
    parents.filter(({ stop_reason }) => stop_reason === null).map(({ job_id }) => job_id),
    'cancelled',
  );
}

/** One status at a time: so the index leads to the next ones, past all that were swept before. */
const lockOpen = (
  query: Query,
  { parentId, status, limit }: { parentId: string; status: 'pending' | 'running'; limit: number },
): Promise<OpenRow[]> =>
  query<OpenRow>(
    `SELECT id, status, attempt FROM job
      WHERE parent_id = $1 AND status = $2 AND NOT is_parent ORDER BY id LIMIT $3 FOR UPDATE`,
    [parentId, status, limit],
  );
