import type { ChildStatus, ParentStatus } from '@progeny/contract';
import { type Counts, type Delta, foldDeltas, isEnded, zeroCounts } from '@progeny/core';
import type { Pool } from 'pg';

/** A parent in Postgres: what was counted, and what there is. Of one moment. */
export interface ParentRow {
  jobId: string;
  version: number;
  status: ParentStatus;
  counts: Counts;
  /** By `GROUP BY`. */
  children: Counts;
  /** Not folded yet. */
  deltas: readonly Delta[];
}

export interface ChildRow {
  jobId: string;
  parentId: string;
  key: string;
  status: ChildStatus;
  attempt: number;
}

export interface LifecycleRow {
  jobId: string;
  seq: number;
  type: string;
}

/** Past everything that Progeny computes. */
export async function readParents(pool: Pool, jobIds: readonly string[]): Promise<ParentRow[]> {
  const { rows } = await pool.query<{
    job_id: string;
    version: number;
    status: ParentStatus;
    counts: Counts;
    children: Partial<Counts>;
    deltas: Delta[];
  }>(READ_PARENTS, [jobIds]);
  return rows.map(({ job_id: jobId, children, ...row }) => ({
    jobId,
    ...row,
    children: { ...zeroCounts, ...children },
  }));
}

// One statement, so of one moment: a transition and its delta are in it together or not at all.
const READ_PARENTS = `
SELECT p.job_id, p.version, p.status,
       jsonb_build_object('pending', p.pending, 'running', p.running, 'completed', p.completed,
                          'failed', p.failed, 'cancelled', p.cancelled, 'skipped', p.skipped) AS counts,
       coalesce((SELECT jsonb_object_agg(status, n) FROM
         (SELECT status, count(*)::int AS n FROM job WHERE parent_id = p.job_id GROUP BY 1) c), '{}') AS children,
       coalesce((SELECT jsonb_agg(jsonb_build_object('from', from_status, 'to', to_status, 'count', n)) FROM
         (SELECT from_status, to_status, sum(count)::int AS n
            FROM job_delta WHERE parent_id = p.job_id GROUP BY 1, 2) d), '[]') AS deltas
  FROM parent_progress p WHERE p.job_id = ANY($1::uuid[])`;

export async function readChildren(pool: Pool, parentIds: readonly string[]): Promise<ChildRow[]> {
  const { rows } = await pool.query<ChildRow>(
    `SELECT id AS "jobId", parent_id AS "parentId", key, status, attempt
       FROM job WHERE parent_id = ANY($1::uuid[])`,
    [parentIds],
  );
  return rows;
}

export async function readLifecycle(pool: Pool, jobIds: readonly string[]): Promise<LifecycleRow[]> {
  const { rows } = await pool.query<LifecycleRow>(
    'SELECT job_id AS "jobId", seq, type FROM lifecycle_event WHERE job_id = ANY($1::uuid[]) ORDER BY seq',
    [jobIds],
  );
  return rows;
}

/** What the counts will be when everything is folded. */
export const countedOf = ({ counts, deltas }: ParentRow): Counts => foldDeltas(counts, deltas);

export const endedOf = (counts: Counts): number =>
  Object.entries(counts).reduce((sum, [status, n]) => sum + (isEnded(status as ChildStatus) ? n : 0), 0);
