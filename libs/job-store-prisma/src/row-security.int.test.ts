import { createTestDatabase, type TestDatabase } from '@progeny/infra';
import type { Caller, JobStore } from '@progeny/job-store';
import { newParent } from '@progeny/job-store/contract-suite';
import { Pool, type PoolClient } from 'pg';
import { createPrismaJobStore } from './job-store-prisma.ts';

const ANN = { tenantId: 'acme', userId: 'ann' };
const TABLES = {
  job: 'id',
  parent_job: 'job_id',
  parent_progress: 'job_id',
  job_delta: 'parent_id',
  lifecycle_event: 'job_id',
  pipeline_event: 'job_id',
  job_log: 'job_id',
  page_text: 'job_id',
};

let database: TestDatabase;
let pool: Pool;
let store: JobStore;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url, max: 1 });
  store = createPrismaJobStore({ databaseUrl: database.url, poolSize: 2, onIdleError: () => {} });
  await fill();
});
afterAll(async () => {
  await store.close();
  await pool.end();
  await database.drop();
});

/** Something of ann's in every table. */
async function fill() {
  const { job } = await store.createParent(newParent(['a', 'b'], { owner: ANN, sealed: true }));
  const { children } = await store.claim({ workerId: 'w', jobTypes: ['task'], limit: 1, leaseMs: 60_000 });
  const [child] = children;
  if (!child) throw new Error('one was to be claimed');
  await store.saveProgress([{ jobId: child.job_id, steps: [{ event: 'pipeline_started' }] }]);
  await store.fold([job.job_id]);
  await store.report([{ jobId: child.job_id, status: 'completed', attempt: 1, text: 'text' }]);
}

/** Plain SQL as the role of callers. Whatever it did is undone. */
async function as<Result>(caller: Caller, work: (client: PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query("SELECT set_config('role', 'progeny_caller', true)");
    await client.query(
      "SELECT set_config('progeny.tenant_id', $1, true), set_config('progeny.user_id', $2, true)",
      [caller.tenantId, caller.userId ?? ''],
    );
    return await work(client);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

const STRANGERS = [
  { tenantId: 'other', userId: 'ann' },
  { tenantId: 'other' },
  { tenantId: 'acme', userId: 'bob' },
  { tenantId: '' },
  { tenantId: '%' },
];

test.each(Object.entries(TABLES))(
  '%s: only whom it belongs to reads, changes and removes rows',
  async (table, id) => {
    const count = async (client: Pool | PoolClient) => (await client.query(`SELECT FROM ${table}`)).rowCount;
    const all = await count(pool);
    expect(all).toBeGreaterThan(0);
    for (const owner of [ANN, { tenantId: 'acme' }]) expect(await as(owner, count)).toBe(all);
    for (const stranger of STRANGERS) {
      expect(await as(stranger, count)).toBe(0);
      expect(await as(stranger, (client) => client.query(`UPDATE ${table} SET ${id} = ${id}`))).toMatchObject(
        {
          rowCount: 0,
        },
      );
      expect(await as(stranger, (client) => client.query(`DELETE FROM ${table}`))).toMatchObject({
        rowCount: 0,
      });
    }
    expect(await as(ANN, (client) => client.query(`UPDATE ${table} SET ${id} = ${id}`))).toMatchObject({
      rowCount: all,
    });
  },
);

test('nobody gives a job to others, nor puts anything on a job of others', async () => {
  const { rows } = await pool.query("SELECT id FROM job WHERE key = 'a'");
  const jobId = rows[0].id;
  const refused = { code: '42501' };
  await expect(as(ANN, (client) => client.query("UPDATE job SET tenant_id = 'other'"))).rejects.toMatchObject(
    refused,
  );
  await expect(as(ANN, (client) => client.query("UPDATE job SET user_id = 'bob'"))).rejects.toMatchObject(
    refused,
  );
  const insertions = [
    `INSERT INTO job (id, tenant_id, user_id, type, is_parent, status) VALUES (gen_random_uuid(), 'acme', 'ann', 'x', true, 'pending')`,
    `INSERT INTO job_delta (parent_id, to_status, count) VALUES ('${jobId}', 'completed', 1)`,
    `INSERT INTO pipeline_event (job_id, number, step) VALUES ('${jobId}', 99, '{}')`,
    `INSERT INTO job_log (job_id, number, line) VALUES ('${jobId}', 99, 'x')`,
    `INSERT INTO page_text (job_id, text) VALUES ('${jobId}', 'x')`,
  ];
  for (const sql of insertions) {
    for (const stranger of STRANGERS) {
      await expect(as(stranger, (client) => client.query(sql))).rejects.toMatchObject(refused);
    }
  }
});

test('whoever did not say who asks gets nothing', async () => {
  const fresh = new Pool({ connectionString: database.url, max: 1 });
  const client = await fresh.connect();
  await client.query('SET ROLE progeny_caller');
  for (const table of Object.keys(TABLES)) {
    await expect(client.query(`SELECT FROM ${table}`)).rejects.toMatchObject({ code: '42704' });
    // On a line where somebody did before, too.
    expect(await as({ tenantId: '' }, (own) => own.query(`SELECT FROM ${table}`))).toMatchObject({
      rowCount: 0,
    });
  }
  client.release();
  await fresh.end();
});

test('tickets are not for callers at all', async () => {
  await expect(as(ANN, (client) => client.query('SELECT FROM ticket'))).rejects.toMatchObject({
    code: '42501',
  });
});

test('the role can neither bypass row-level security nor log in', async () => {
  const { rows } = await pool.query(
    "SELECT rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = 'progeny_caller'",
  );
  expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, rolcanlogin: false }]);
});
