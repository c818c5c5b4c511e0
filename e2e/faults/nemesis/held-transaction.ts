import { Client } from 'pg';

const LOCKED_PARENTS = 3;
const LOCKED_CHILDREN = 10;

/** Locks rows of a few running parents and of their children, and does nothing more. Resolves with the release. */
export async function holdTransaction(databaseUrl: string): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: databaseUrl });
  // PostgreSQL may be restarted under it, and then its transaction has ended.
  client.on('error', () => {});
  await client.connect();
  while (!(await lockRows(client)));
  return async () => {
    await client.query('ROLLBACK').catch(() => {});
    await client.end().catch(() => {});
  };
}

const DEADLOCK = '40P01';

/** False when it was the one of a deadlock that had to give way, as anybody's transaction may be: to be tried again. */
async function lockRows(client: Client): Promise<boolean> {
  try {
    await client.query('BEGIN');
    const { rows } = await client.query<{ job_id: string }>(
      `SELECT job_id FROM parent_progress WHERE status IN ('pending', 'running')
        ORDER BY job_id DESC LIMIT $1 FOR UPDATE`,
      [LOCKED_PARENTS],
    );
    const parentIds = rows.map((row) => row.job_id);
    // Parents before children, as everybody takes them.
    await client.query('SELECT FROM job WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE', [parentIds]);
    await client.query(
      `SELECT FROM job WHERE parent_id = ANY($1::uuid[]) AND status IN ('pending', 'running')
        ORDER BY id LIMIT $2 FOR UPDATE`,
      [parentIds, LOCKED_CHILDREN],
    );
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code !== DEADLOCK) throw error;
    await client.query('ROLLBACK');
    return false;
  }
}
