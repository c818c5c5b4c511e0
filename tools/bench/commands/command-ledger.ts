import { setTimeout as delay } from 'node:timers/promises';
import { withClient } from '@progeny/infra';

const LOOK_EVERY_MS = 100;

/** Rejects unless all its children are cancelled and it ended once, as cancelled. */
export async function checkCancelled(
  databaseUrl: string,
  { jobId, children }: { jobId: string; children: number },
): Promise<void> {
  const row = await withClient(databaseUrl, async (client) => {
    const result = await client.query<{ cancelled: number; others: number; events: string[] }>(
      `SELECT count(*) FILTER (WHERE status = 'cancelled')::int AS cancelled,
              count(*) FILTER (WHERE status <> 'cancelled')::int AS others,
              (SELECT array_agg(type ORDER BY seq) FROM lifecycle_event WHERE job_id = $1) AS events
         FROM job WHERE parent_id = $1`,
      [jobId],
    );
    return result.rows[0];
  });
  const isRight =
    row?.cancelled === children && row.others === 0 && String(row.events) === 'JOB_STARTED,JOB_CANCELLED';
  if (!isRight) throw new Error(`${jobId} is not cancelled as it should be: ${JSON.stringify(row)}`);
}

/** Resolves when no row of the parent and its children is left. */
export async function untilGone(databaseUrl: string, jobId: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    for (;;) {
      const { rows } = await client.query('SELECT 1 FROM job WHERE parent_id = $1 OR id = $1 LIMIT 1', [
        jobId,
      ]);
      if (rows.length === 0) return;
      await delay(LOOK_EVERY_MS);
    }
  });
}
