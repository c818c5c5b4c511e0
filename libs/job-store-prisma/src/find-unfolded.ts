import type { Query } from './database.ts';

/**
 * Parents with deltas, open ones that a seal, a stop or an audit should have ended, that do not show their pause, or are
 * in the midst of a retry; of them what has stood for a while.
 */
export async function findUnfolded(query: Query, limit: number, standingMs = 0): Promise<string[]> {
  const rows = await query<{ parent_id: string }>(
    `WITH due AS (SELECT now() - $2 * interval '1 millisecond' AS at)
     (SELECT DISTINCT d.parent_id FROM job_delta d JOIN parent_job f ON f.job_id = d.parent_id, due
       WHERE d.at <= due.at AND f.deleted_at IS NULL LIMIT $1)
     UNION
     (SELECT p.job_id FROM parent_progress p JOIN parent_job f ON f.job_id = p.job_id, due
       WHERE p.status IN ('pending', 'running', 'paused')
         AND ((f.sealed_at IS NOT NULL AND (NOT p.sealed OR p.pending + p.running = 0))
              OR f.stopped_at IS NOT NULL)
         AND coalesce(f.stopped_at, f.sealed_at) <= due.at AND f.deleted_at IS NULL
       LIMIT $1)
     UNION
     (SELECT f.job_id FROM parent_job f JOIN parent_progress p ON p.job_id = f.job_id, due
       WHERE (f.paused_at IS NOT NULL) <> (p.status = 'paused') AND p.status IN ('pending', 'running', 'paused')
         AND coalesce(f.paused_at, p.folded_at) <= due.at AND f.deleted_at IS NULL
       LIMIT $1)
     UNION
     (SELECT f.job_id FROM parent_job f, due
       WHERE f.retry_requested_at IS NOT NULL AND f.retry_requested_at <= due.at AND f.deleted_at IS NULL LIMIT $1)
     LIMIT $1`,
    [limit, standingMs],
  );
  return rows.map((row) => row.parent_id);
}
