import type { JobStatus } from '@progeny/contract';
import { type Counts, childStatusOf, type Delta, equalCounts, foldDeltas, zeroCounts } from '@progeny/core';
import type { Pool } from 'pg';

/** Everything in the ledger but ids and times; parents go by name, children by key. */
export interface LedgerSnapshot {
  children: { parent: string; key: string; status: JobStatus }[];
  progress: (Counts & { parent: string })[];
  deltas: (Delta & { parent: string })[];
  [more: string]: unknown;
}

export async function readLedger(pool: Pool): Promise<LedgerSnapshot> {
  const read = async (sql: string) => (await pool.query(sql)).rows;
  return {
    children: await read(`
      SELECT f.name AS parent, j.key, j.status, j.attempt, j.run, j.run_base, j.version, j.error, j.result, j.payload, t.text,
             j.lease_expires_at IS NOT NULL AS leased
        FROM job j JOIN parent_job f ON f.job_id = j.parent_id LEFT JOIN page_text t ON t.job_id = j.id
       ORDER BY 1, 2`),
    parents: await read(`
      SELECT f.name AS parent, j.status, j.version, j.finished_at IS NOT NULL AS finished, f.admitted,
             f.sealed_at IS NOT NULL AS sealed, f.stop_reason, f.paused_at IS NOT NULL AS paused, j.run,
             f.retry_requested_at IS NOT NULL AS retrying, f.deleted_at IS NOT NULL AS deleted,
             f.deadline_at IS NOT NULL AS has_deadline, j.error
        FROM job j JOIN parent_job f ON f.job_id = j.id ORDER BY 1`),
    progress: await read(`
      SELECT f.name AS parent, p.version, p.status, p.sealed, p.pending, p.running, p.completed, p.failed,
             p.cancelled, p.skipped, p.last_seq, p.verified_at IS NOT NULL AS verified
        FROM parent_progress p JOIN parent_job f ON f.job_id = p.job_id ORDER BY 1`),
    deltas: await read(`
      SELECT f.name AS parent, d.from_status AS from, d.to_status AS to, sum(d.count)::int AS count
        FROM job_delta d JOIN parent_job f ON f.job_id = d.parent_id GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`),
    lifecycle: await read(`
      SELECT f.name AS parent, e.seq, e.type
        FROM lifecycle_event e JOIN parent_job f ON f.job_id = e.job_id ORDER BY 1, 2`),
    log: await read(`
      SELECT f.name AS parent, l.number, substring(l.line FROM '->.*') AS line
        FROM job_log l JOIN parent_job f ON f.job_id = l.job_id ORDER BY 1, 2`),
    orphans: await read('SELECT id FROM job_delta WHERE parent_id NOT IN (SELECT job_id FROM parent_job)'),
  };
}

/** The parents whose counts and deltas do not add up to their rows. */
export function unbalanced({ children, progress, deltas }: LedgerSnapshot): string[] {
  return progress
    .filter((counts) => {
      const own = <Row extends { parent: string }>(rows: Row[]) =>
        rows.filter(({ parent }) => parent === counts.parent);
      const { pending, running, completed, failed, cancelled, skipped } = counts;
      const booked = foldDeltas({ pending, running, completed, failed, cancelled, skipped }, own(deltas));
      const births = own(children).map(({ status }) => ({ from: null, to: childStatusOf(status), count: 1 }));
      return !equalCounts(booked, foldDeltas(zeroCounts, births));
    })
    .map(({ parent }) => parent);
}
