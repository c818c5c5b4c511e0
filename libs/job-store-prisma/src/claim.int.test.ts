import { createTestDatabase, type TestDatabase } from '@progeny/infra';
import { newParent, numbered } from '@progeny/job-store/contract-suite';
import { Pool } from 'pg';
import { NIL } from 'uuid';
import { CLAIM } from './claim.ts';
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

const AS = {
  everybody: '',
  'a caller':
    "SELECT set_config('role', 'progeny_caller', true), set_config('progeny.tenant_id', 'acme', true), set_config('progeny.user_id', '', true);",
};

test.each(Object.entries(AS))(
  'as %s: a claim takes the next children from the index, and looks at no others',
  async (_, become) => {
    const store = createPrismaJobStore({ databaseUrl: database.url, poolSize: 2, onIdleError: () => {} });
    await store.createParent(newParent(numbered(20_000), { sealed: true }));
    await store.close();
    // As autovacuum leaves it: the planner knows of the many children, and nothing of the one parent.
    await pool.query('ANALYZE job');
    await pool.query(`BEGIN; ${become}`);
    const { rows } = await pool.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${CLAIM}`, [
      'task',
      'acme',
      0,
      NIL,
      100,
      'w1',
      30_000,
    ]);
    await pool.query('ROLLBACK');
    const plan = JSON.stringify(rows[0]['QUERY PLAN'][0].Plan);
    expect(plan).toContain('"job_claimable_idx"');
    const rowCounts = [...plan.matchAll(/"Actual Rows":([\d.]+)/g)].map(([, count]) => Number(count));
    expect(Math.max(...rowCounts)).toBe(100);
    const removed = [...plan.matchAll(/"Rows Removed by [a-zA-Z ]+":([\d.]+)/g)].map(([, count]) =>
      Number(count),
    );
    // Parents that were looked at, and no children.
    expect(Math.max(0, ...removed)).toBeLessThan(10);
  },
);
