import { LIMITS, type PipelineEventList, type PipelineStep } from '@progeny/contract';
import { decideProgress, laterProgress, type SaidProgress, saysHowFar } from '@progeny/core';
import { type ChildProgressReport, type ProgressSaved, StoreError } from '@progeny/job-store';
import { CHILD_COLUMNS, type ChildRow, toProgressPayload } from './child-row.ts';
import type { Query } from './database.ts';
import { IS_SEEN } from './lock-parents.ts';

interface LockedRow {
  id: string;
  isChild: boolean;
  status: string;
  attempt: number;
}

/** What the reports of one job come to: of each part the last, and all its steps. */
interface Merged extends SaidProgress {
  moves: boolean;
  steps: PipelineStep[];
}

type StoredRow = Omit<ChildRow, 'parent_id'> & {
  parent_id: string | null;
  is_parent: boolean;
  steps: number;
};

export async function saveProgress(
  query: Query,
  reports: readonly ChildProgressReport[],
): Promise<ProgressSaved> {
  const rows = await query<LockedRow>(
    `SELECT id, NOT is_parent AS "isChild", status, attempt FROM job j
      WHERE id = ANY($1::uuid[]) AND ${IS_SEEN} ORDER BY id FOR UPDATE`,
    [reports.map(({ jobId }) => jobId)],
  );
  const jobs = new Map(rows.map((row) => [row.id, row]));
  const merged = new Map<string, Merged>();
  const outcomes = reports.map((report) => {
    const outcome = decideProgress(jobs.get(report.jobId), report);
    if (outcome === 'applied') merge(merged, report);
    return outcome;
  });
  if (merged.size === 0) return { outcomes, progress: [], steps: [] };
  return { outcomes, ...(await store(query, merged)) };
}

function merge(merged: Map<string, Merged>, report: ChildProgressReport): void {
  const before = merged.get(report.jobId) ?? { moves: false, steps: [] };
  merged.set(report.jobId, {
    moves: before.moves || saysHowFar(report),
    ...laterProgress(before, report),
    steps: [...before.steps, ...report.steps],
  });
}

async function store(query: Query, merged: Map<string, Merged>): Promise<Omit<ProgressSaved, 'outcomes'>> {
  const jobs = [...merged.entries()];
  const rows = await query<StoredRow>(STORE, [
    jobs.map(([jobId]) => jobId),
    jobs.map(([, one]) => one.progress ?? null),
    jobs.map(([, one]) => one.stage ?? null),
    jobs.map(([, one]) => one.label ?? null),
    jobs.map(([, one]) => one.steps.length),
    jobs.map(([, one]) => one.moves),
  ]);
  const isChild = (row: StoredRow): row is StoredRow & ChildRow => !row.is_parent;
  return {
    progress: rows
      .filter(isChild)
      .filter((row) => merged.get(row.id)?.moves)
      .map((row) => ({ owner: ownerOf(row), payload: toProgressPayload(row) })),
    steps: await appendSteps(query, rows, merged),
  };
}

const ownerOf = (row: StoredRow) => ({ tenantId: row.tenant_id, userId: row.user_id });

async function appendSteps(
  query: Query,
  rows: readonly StoredRow[],
  merged: ReadonlyMap<string, Merged>,
): Promise<ProgressSaved['steps']> {
  const numbered = rows.flatMap((row) => {
    const steps = merged.get(row.id)?.steps ?? [];
    const first = row.steps - steps.length + 1;
    return steps.map((step, index) => ({ row, number: first + index, step }));
  });
  if (numbered.length === 0) return [];
  const [stored] = await query<{ at: Date }>(APPEND_STEPS, [
    numbered.map(({ row }) => row.id),
    numbered.map(({ number }) => number),
    numbered.map(({ step }) => JSON.stringify(step)),
    LIMITS.pipelineEventsKept,
  ]);
  const at = stored?.at.toISOString() ?? new Date().toISOString();
  return numbered.map(({ row, number, step }) => ({
    owner: ownerOf(row),
    payload: { job_id: row.id, parent_id: row.parent_id, operation_type: row.type, number, at, step },
  }));
}

export async function listSteps(query: Query, jobId: string): Promise<PipelineEventList> {
  const [job] = await query(`SELECT FROM job j WHERE id = $1 AND ${IS_SEEN}`, [jobId]);
  if (!job) throw new StoreError('job_not_found', `there is no job ${jobId}`);
  const rows = await query<{ number: number; at: Date; step: PipelineStep }>(
    'SELECT number, at, step FROM pipeline_event WHERE job_id = $1 ORDER BY number',
    [jobId],
  );
  return { events: rows.map(({ number, at, step }) => ({ number, at: at.toISOString(), step })) };
}

// The counter of steps rises in the row that is locked, so their numbers have no gap and no twin.
const STORE = `
UPDATE job j SET
  progress_percentage = coalesce(n.progress, j.progress_percentage),
  progress_stage = coalesce(n.stage, j.progress_stage),
  progress_label = coalesce(n.label, CASE WHEN n.stage IS NULL THEN j.progress_label ELSE '' END),
  steps = j.steps + n.steps,
  version = j.version + n.moves::int,
  updated_at = now()
FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::int[], $6::boolean[])
  AS n (job_id, progress, stage, label, steps, moves)
WHERE j.id = n.job_id
RETURNING ${CHILD_COLUMNS}, j.is_parent, j.steps`;

const APPEND_STEPS = `
WITH step AS (
  SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[]) AS s (job_id, number, step)
), old AS (
  DELETE FROM pipeline_event o USING (SELECT job_id, max(number) AS last FROM step GROUP BY job_id) AS s
   WHERE o.job_id = s.job_id AND o.number <= s.last - $4::int
)
INSERT INTO pipeline_event (job_id, number, step)
SELECT s.job_id, s.number, s.step::jsonb FROM step s
  JOIN (SELECT job_id, max(number) AS last FROM step GROUP BY job_id) AS l ON l.job_id = s.job_id
 WHERE s.number > l.last - $4::int
RETURNING at`;
