import { createTestDatabase, type TestDatabase } from '@progeny/infra';
import type { JobStore } from '@progeny/job-store';
import { newParent, numbered } from '@progeny/job-store/contract-suite';
import { Pool } from 'pg';
import { createPrismaJobStore } from './job-store-prisma.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url, max: 1 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Runs `work` on a store of its own, and counts the entries and rows of `job` that were read for it. */
async function readFor(work: (store: JobStore) => Promise<unknown>): Promise<number> {
  const before = await readSoFar();
  const store = createPrismaJobStore({ databaseUrl: database.url, poolSize: 1, onIdleError: () => {} });
  await work(store);
  await store.close();
  // What a backend has read is counted when it is gone at the latest.
  while (await isConnected());
  return (await readSoFar()) - before;
}

const isConnected = async () =>
  (
    await ask(
      "SELECT FROM pg_stat_activity WHERE application_name = 'progeny' AND datname = current_database()",
    )
  ).length > 0;

async function readSoFar(): Promise<number> {
  const [row] = await ask(
    `SELECT (SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'job')::int
          + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'job')::int AS count`,
  );
  return row?.count;
}

const ask = async (sql: string) => (await pool.query(sql)).rows;

test('the parents of a tenant, and of a user, are found past any number of newer ones of others', async () => {
  const mine = { tenantId: 'acme', userId: 'ann' };
  await readFor(async (store) => {
    for (const name of numbered(3)) await store.createParent(newParent([], { owner: mine, name }));
  });
  const others = ['acme', 'other'].map(
    (tenantId, index) =>
      `SELECT ('ffffffff-000${index}-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '${tenantId}', 'bob', 'custom', true, 'pending'::text
         FROM generate_series(1, ${index === 0 ? 2_000 : 5_000}) AS n`,
  );
  await ask(
    `INSERT INTO job (id, tenant_id, user_id, type, is_parent, status) ${others.join(' UNION ALL ')}`,
  );
  await ask(`WITH facts AS (
    INSERT INTO parent_job (job_id, tenant_id, name, spec, child_type)
      SELECT id, tenant_id, 'of another', '{}', 'task' FROM job WHERE user_id = 'bob'
  ) INSERT INTO parent_progress (job_id) SELECT id FROM job WHERE user_id = 'bob'`);
  await ask('ANALYZE job');
  // What all this has read is counted now, not in the middle of what follows.
  await ask('SELECT pg_stat_force_next_flush()');

  const list = (owner: { tenantId: string; userId?: string }) =>
    readFor(async (store) => {
      const { jobs } = await store.listParents({ limit: 10, owner });
      expect(jobs.length).toBe(owner.userId === undefined ? 10 : 3);
    });
  for (const owner of [mine, { tenantId: 'acme' }]) {
    const read = await list(owner);
    expect(read).toBeGreaterThanOrEqual(3);
    expect(read).toBeLessThan(100);
  }
});
