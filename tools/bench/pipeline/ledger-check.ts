import type { ParentJobProgress } from '@progeny/contract';
import { withClient } from '@progeny/infra';

interface Expected {
  jobIds: readonly string[];
  childrenEach: number;
  /** What the viewer saw last of each parent. */
  seen: ReadonlyMap<string, ParentJobProgress>;
}

/** Rejects unless each parent ended, and its rows and its last frame count exactly the children it was given. */
export async function checkLedger(
  databaseUrl: string,
  { jobIds, childrenEach, seen }: Expected,
): Promise<void> {
  const rows = await withClient(databaseUrl, async (client) => {
    const result = await client.query<{ parent_id: string; completed: number; others: number }>(
      `SELECT parent_id, count(*) FILTER (WHERE status = 'completed')::int AS completed,
              count(*) FILTER (WHERE status <> 'completed')::int AS others
         FROM job WHERE parent_id = ANY($1::uuid[]) GROUP BY parent_id`,
      [jobIds],
    );
    return new Map(result.rows.map((row) => [row.parent_id, row]));
  });
  for (const jobId of jobIds) {
    const row = rows.get(jobId);
    const frame = seen.get(jobId);
    const right =
      row?.completed === childrenEach &&
      row.others === 0 &&
      frame?.status === 'completed' &&
      frame.completed_children === childrenEach &&
      frame.total_children === childrenEach;
    if (!right) {
      throw new Error(
        `the counts of ${jobId} are wrong: ${childrenEach} children, ${row?.completed} completed in the ledger` +
          ` and ${row?.others} not, the viewer saw ${frame?.status}: ${frame?.progress_text}`,
      );
    }
  }
}
