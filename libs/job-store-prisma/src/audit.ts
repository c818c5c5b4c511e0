import type { ChildStatus, JobStatus } from '@progeny/contract';
import {
  type Counts,
  childStatusOf,
  type Delta,
  equalCounts,
  foldDeltas,
  isParentEnded,
  zeroCounts,
} from '@progeny/core';
import type { JobStore } from '@progeny/job-store';
import type { Database, Query } from './database.ts';
import { PROGRESS_COLUMNS, type ProgressRow, toParentState } from './progress-row.ts';

interface TruthRow {
  source: 'child' | 'delta';
  from_status: ChildStatus | null;
  /** Of a nested parent its status as a parent. */
  to_status: JobStatus | null;
  count: number;
}

/** Each parent in a transaction of its own. */
export async function audit(
  { query, transaction }: Pick<Database, 'query' | 'transaction'>,
  limit: number,
): ReturnType<JobStore['audit']> {
  const parents = await findUnaudited(query, limit);
  const verified: string[] = [];
  const drifted: string[] = [];
  for (const { job_id: parentId } of parents) {
    const verdict = await transaction((tx) => auditParent(tx, parentId));
    if (verdict === 'verified') verified.push(parentId);
    if (verdict === 'drifted') drifted.push(parentId);
  }
  return { audited: parents.length, verified, drifted };
}

/** Active parents, and ended ones that were not verified since their end; those unverified for longest first. */
function findUnaudited(query: Query, limit: number): Promise<{ job_id: string }[]> {
  return query(
    `SELECT p.job_id FROM parent_progress p JOIN parent_job f ON f.job_id = p.job_id
      WHERE (p.status IN ('pending', 'running', 'paused') OR p.verified_at IS NULL OR p.verified_at < p.folded_at)
        AND f.deleted_at IS NULL
      ORDER BY p.verified_at NULLS FIRST LIMIT $1`,
    [limit],
  );
}

/** Compares one parent's counts with its rows and corrects them; `busy` is one that a fold holds at this moment, or that was deleted. */
async function auditParent(
  query: Query,
  parentId: string,
): Promise<'verified' | 'verified at its end' | 'drifted' | 'busy'> {
  const [row] = await query<ProgressRow>(
    `SELECT ${PROGRESS_COLUMNS} FROM parent_progress p JOIN job j ON j.id = p.job_id WHERE p.job_id = $1
       FOR UPDATE OF p SKIP LOCKED`,
    [parentId],
  );
  if (!row) return 'busy';
  const { counts, status } = toParentState(row);
  const truth = await readTruth(query, parentId);
  if (equalCounts(counts, truth)) {
    // Nothing follows the terminal snapshot, so an ended parent keeps its version.
    const hasEnded = isParentEnded(status);
    await query(
      'UPDATE parent_progress SET verified_at = now(), version = version + $2::int WHERE job_id = $1',
      [parentId, hasEnded ? 0 : 1],
    );
    return hasEnded ? 'verified at its end' : 'verified';
  }
  // Its children may be on their way out.
  if (await isDeleted(query, parentId)) return 'busy';
  await query(
    `UPDATE parent_progress SET verified_at = now(), version = version + 1, pending = $2, running = $3,
            completed = $4, failed = $5, cancelled = $6, skipped = $7 WHERE job_id = $1`,
    [parentId, truth.pending, truth.running, truth.completed, truth.failed, truth.cancelled, truth.skipped],
  );
  return 'drifted';
}

async function isDeleted(query: Query, parentId: string): Promise<boolean> {
  const rows = await query('SELECT FROM parent_job WHERE job_id = $1 AND deleted_at IS NOT NULL', [parentId]);
  return rows.length > 0;
}

/**
 * What the counts must be: the children as they stand, less the deltas that are not folded yet. One statement, so
 * one snapshot: a transition and its delta are in it together or not at all.
 */
async function readTruth(query: Query, parentId: string): Promise<Counts> {
  const rows = await query<TruthRow>(
    `SELECT 'child' AS source, NULL::text AS from_status, status AS to_status, count(*)::int AS count
       FROM job WHERE parent_id = $1 GROUP BY status
     UNION ALL
     SELECT 'delta', from_status, to_status, sum(count)::int
       FROM job_delta WHERE parent_id = $1 GROUP BY from_status, to_status`,
    [parentId],
  );
  const undone: Delta[] = rows.map(({ source, from_status, to_status, count }) => {
    const bucket = to_status && childStatusOf(to_status);
    return source === 'child' ? { from: null, to: bucket, count } : { from: bucket, to: from_status, count };
  });
  return foldDeltas(zeroCounts, undone);
}
