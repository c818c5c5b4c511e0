import type { ChildStatus } from '@progeny/contract';
import { type Counts, foldDeltas, zeroCounts } from '@progeny/core';
import { createTestDatabase, type TestDatabase } from '@progeny/infra';
import {
  createMemoryHarness,
  describeJobStoreContract,
  type JobStoreHarness,
} from '@progeny/job-store/contract-suite';
import { Pool } from 'pg';
import { createPrismaJobStore } from './job-store-prisma.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url, max: 2 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function createHarness(): Promise<JobStoreHarness> {
  const store = createPrismaJobStore({
    databaseUrl: database.url,
    poolSize: 5,
    onIdleError: (error) => {
      throw error;
    },
  });
  return {
    store,
    expireLeases: () =>
      run("UPDATE job SET lease_expires_at = now() - interval '1 s' WHERE lease_expires_at > now()"),
    passTime: async (ms) => {
      const ago = `- ${ms} * interval '1 ms'`;
      await run(
        `UPDATE job SET created_at = created_at ${ago}, started_at = started_at ${ago}, updated_at = updated_at ${ago},
                finished_at = finished_at ${ago}, available_at = available_at ${ago},
                lease_expires_at = lease_expires_at ${ago}, times_out_at = times_out_at ${ago}`,
      );
      await run(
        `UPDATE parent_job SET deadline_at = deadline_at ${ago}, retry_requested_at = retry_requested_at ${ago}`,
      );
      await run(`UPDATE parent_progress SET folded_at = folded_at ${ago}, verified_at = verified_at ${ago}`);
      await run(`UPDATE job_delta SET at = at ${ago}`);
      await run(`UPDATE ticket SET expires_at = expires_at ${ago}`);
    },
    expireSealTimeouts: () =>
      run('UPDATE parent_job SET seal_timeout_ms = 0 WHERE seal_timeout_ms IS NOT NULL'),
    makeDue: () => run("UPDATE job SET available_at = now() - interval '1 s' WHERE status = 'pending'"),
    corruptCounts: (parentId, { status, by }) =>
      run(`UPDATE parent_progress SET ${status} = ${status} + $2 WHERE job_id = $1`, [parentId, by]),
    truth: (parentId) =>
      sum(
        `SELECT NULL AS before, replace(status, 'paused', 'running') AS after, 1 AS count
           FROM job WHERE parent_id = $1`,
        parentId,
      ),
    unfolded: (parentId) =>
      sum(
        'SELECT from_status AS before, to_status AS after, count FROM job_delta WHERE parent_id = $1',
        parentId,
      ),
    prolongLifecycle: async (parentId, events) => {
      await run(
        `INSERT INTO lifecycle_event (job_id, seq, type, payload, at)
         SELECT job_id, last_seq + n, 'JOB_STARTED', jsonb_build_object('job_id', job_id, 'parent_id', NULL,
                'operation_type', 'custom', 'seq', last_seq + n), '2030-01-01'
           FROM parent_progress, generate_series(1, $2::int) AS n WHERE job_id = $1`,
        [parentId, events],
      );
      await run('UPDATE parent_progress SET last_seq = last_seq + $2 WHERE job_id = $1', [parentId, events]);
    },
    renewEpoch: () => run('UPDATE ledger SET epoch = DEFAULT'),
    async countTickets() {
      const { rows } = await pool.query('SELECT count(*)::int AS count FROM ticket');
      return rows[0]?.count;
    },
    async textOf(jobId) {
      const { rows } = await pool.query('SELECT text FROM page_text WHERE job_id = $1', [jobId]);
      return rows[0]?.text ?? null;
    },
    async close() {
      await store.close();
      // Few rows: faster than TRUNCATE.
      await run('WITH deltas AS (DELETE FROM job_delta), tickets AS (DELETE FROM ticket) DELETE FROM job');
    },
  };
}

const DEADLOCK = '40P01';

/** Rows in any order, whatever the store does at that moment: one of the two may have to begin anew, and it tries again, too. */
async function run(sql: string, values: unknown[] = []): Promise<void> {
  for (;;) {
    try {
      await pool.query(sql, values);
      return;
    } catch (error) {
      if ((error as { code?: unknown }).code !== DEADLOCK) throw error;
    }
  }
}

async function sum(sql: string, parentId: string): Promise<Counts> {
  const { rows } = await pool.query<{
    before: ChildStatus | null;
    after: ChildStatus | null;
    count: number;
  }>(sql, [parentId]);
  return foldDeltas(
    zeroCounts,
    rows.map(({ before, after, count }) => ({ from: before, to: after, count })),
  );
}

describeJobStoreContract('prisma', createHarness, { modelRuns: 15, oracle: createMemoryHarness });
