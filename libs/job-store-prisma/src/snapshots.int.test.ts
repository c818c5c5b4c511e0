import { createTestDatabase, type TestDatabase } from '@progeny/infra';
import { newParent } from '@progeny/job-store/contract-suite';
import { Client } from 'pg';
import { createPrismaJobStore } from './job-store-prisma.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const END = `
WITH ended AS (UPDATE parent_progress SET status = 'completed', sealed = true, version = 2, last_seq = 1 WHERE job_id = $1)
INSERT INTO lifecycle_event (job_id, seq, type, payload)
VALUES ($1, 1, 'JOB_COMPLETED', jsonb_build_object(
  'job_id', $1::uuid, 'parent_id', NULL, 'operation_type', 'custom', 'seq', 1, 'result', '{}'::jsonb))`;

const IS_WAITING = `SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
 WHERE NOT l.granted AND d.datname = current_database()`;

test.each(['lifecycle_event', 'parent_progress'])(
  'a parent that ends while %s cannot be read has ended as a whole in the snapshot that waited for it',
  async (table) => {
    const store = createPrismaJobStore({ databaseUrl: database.url, poolSize: 1, onIdleError: () => {} });
    const holder = new Client({ connectionString: database.url });
    await holder.connect();
    try {
      const { job } = await store.createParent(newParent());
      await holder.query('BEGIN');
      await holder.query(`LOCK TABLE ${table}`);
      await holder.query(END, [job.job_id]);
      const reading = store.readSnapshots([job.job_id]);
      while ((await holder.query(IS_WAITING)).rowCount === 0);
      await holder.query('COMMIT');
      expect((await reading).snapshots).toMatchObject([
        { progress: { status: 'completed', version: 2 }, seq: 1, lifecycle: [{ type: 'JOB_COMPLETED' }] },
      ]);
    } finally {
      await holder.end();
      await store.close();
    }
  },
);
