import type { ClaimReply, JobStatusChange } from '@progeny/contract';
import type { ClaimOptions } from '@progeny/job-store';
import type { Query } from './database.ts';
import { APPEND_DELTAS } from './move-children.ts';
import { type MovedRow, movedColumns, toStatusChanges } from './status-change.ts';

interface ClaimedRow extends MovedRow {
  key: string;
  payload: Record<string, unknown>;
  lease_expires_at: Date;
  timeout_ms: number | null;
  /** Of its parent in this round. */
  turn: number;
}

/** The parents of a round: how many, and the last of them. */
interface Seen {
  parents: number;
  last_parent_id: string;
}
type FoundRow = Seen & (ClaimedRow | { id: null; turn: number; parent_id: string });

/** Parents that share one statement. */
const PARENTS_AT_ONCE = 32;
const PARENTS_PASSED_MAX = 1_000;
/** Less than the id of any parent. */
export const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** Where the turn of each queue stands: the parent that was served last. Lost with the process, which costs nothing. */
export type ClaimTurns = Map<string, string>;

export async function claim(
  query: Query,
  turns: ClaimTurns,
  options: ClaimOptions,
): Promise<ClaimReply & { changes: JobStatusChange[] }> {
  const rows: ClaimedRow[] = [];
  for (const jobType of options.jobTypes) {
    for (const { priority } of await query<{ priority: number }>(WAITING_PRIORITIES, [jobType])) {
      const limit = options.limit - rows.length;
      if (limit === 0) break;
      rows.push(...(await claimInTurn(query, turns, { ...options, jobType, priority, limit })));
    }
  }
  rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    children: rows.map((row) => ({
      job_id: row.id,
      parent_id: row.parent_id,
      job_type: row.type,
      key: row.key,
      payload: row.payload,
      attempt: row.attempt,
      lease_expires_at: row.lease_expires_at.toISOString(),
      timeout_ms: row.timeout_ms,
    })),
    parents: await readSpecs(query, rows),
    changes: toStatusChanges(rows),
  };
}

/** Of one queue, in rounds: of each parent its share, beginning behind the one that was served last. */
async function claimInTurn(
  query: Query,
  turns: ClaimTurns,
  {
    jobType,
    priority,
    limit,
    workerId,
    leaseMs,
  }: ClaimOptions & { jobType: string; priority: number; limit: number },
): Promise<ClaimedRow[]> {
  const queue = `${jobType}/${priority}`;
  const claimed: ClaimedRow[] = [];
  /** Parents passed without a child that is due, until one has. */
  let passed = 0;
  while (claimed.length < limit) {
    const found = await query<FoundRow>(CLAIM, [
      jobType,
      priority,
      turns.get(queue) ?? BEFORE_ALL,
      limit - claimed.length,
      workerId,
      leaseMs,
    ]);
    const rows = found.filter((row): row is ClaimedRow & Seen => row.id !== null);
    const [seen] = found;
    if (!seen) break;
    const last = rows.reduce((latest, row) => (row.turn > latest.turn ? row : latest), rows[0] ?? seen);
    turns.set(queue, last.id === null ? seen.last_parent_id : last.parent_id);
    claimed.push(...rows);
    passed = rows.length > 0 ? 0 : passed + seen.parents;
    // All of them were seen, or so many that what is due may as well wait for the next claim.
    if (seen.parents < PARENTS_AT_ONCE ? rows.length === 0 : passed >= PARENTS_PASSED_MAX) break;
  }
  return claimed;
}

async function readSpecs(query: Query, rows: readonly ClaimedRow[]): Promise<ClaimReply['parents']> {
  if (rows.length === 0) return {};
  const parents = await query<{ job_id: string; spec: Record<string, unknown> }>(
    'SELECT job_id, spec FROM parent_job WHERE job_id = ANY($1::uuid[])',
    [[...new Set(rows.map((row) => row.parent_id))]],
  );
  return Object.fromEntries(parents.map((parent) => [parent.job_id, parent.spec]));
}

export async function heartbeat(
  query: Query,
  children: readonly { jobId: string; attempt: number }[],
  leaseMs: number,
): Promise<{ lost: string[] }> {
  const rows = await query<{ id: string; attempt: number }>(
    `UPDATE job j SET lease_expires_at = least(now() + $3 * interval '1 millisecond', j.times_out_at)
       FROM unnest($1::uuid[], $2::int[]) AS c (id, attempt)
      WHERE j.id = c.id AND j.attempt = c.attempt AND j.status = 'running' AND j.parent_id IS NOT NULL
        AND (j.times_out_at IS NULL OR j.times_out_at > now())
      RETURNING j.id, j.attempt`,
    [children.map((child) => child.jobId), children.map((child) => child.attempt), leaseMs],
  );
  const held = new Set(rows.map((row) => `${row.id}/${row.attempt}`));
  const isLost = (child: { jobId: string; attempt: number }) => !held.has(`${child.jobId}/${child.attempt}`);
  return { lost: children.filter(isLost).map((child) => child.jobId) };
}

/** From the highest down, hopping over all that wait in one. */
const WAITING_PRIORITIES = `
WITH RECURSIVE waiting AS (
  (SELECT priority FROM job WHERE type = $1 AND status = 'pending' AND parent_id IS NOT NULL
    ORDER BY priority DESC LIMIT 1)
  UNION ALL
  SELECT (SELECT j.priority FROM job j
           WHERE j.type = $1 AND j.status = 'pending' AND j.parent_id IS NOT NULL AND j.priority < w.priority
           ORDER BY j.priority DESC LIMIT 1)
    FROM waiting w WHERE w.priority IS NOT NULL
)
SELECT priority FROM waiting WHERE priority IS NOT NULL`;

/** The parents of a queue with pending children, from the first after `after` on, each a hop in the index. */
const parentsAfter = (name: string, after: string): string => `${name} AS (
  (SELECT parent_id FROM job
    WHERE type = $1 AND priority = $2 AND status = 'pending' AND parent_id > ${after} ORDER BY parent_id LIMIT 1)
  UNION ALL
  SELECT (SELECT j.parent_id FROM job j
           WHERE j.type = $1 AND j.priority = $2 AND j.status = 'pending' AND j.parent_id > w.parent_id
           ORDER BY j.parent_id LIMIT 1)
    FROM ${name} w WHERE w.parent_id IS NOT NULL
)`;

const gives = (parents: string): string => `
  SELECT w.parent_id, p.child_timeout_ms FROM ${parents} w JOIN LATERAL (
    SELECT child_timeout_ms FROM parent_job p
     WHERE p.job_id = w.parent_id AND p.stopped_at IS NULL AND p.paused_at IS NULL
  ) p ON true`;

// SKIP LOCKED: two claims at once never wait for each other and never get the same child.
export const CLAIM = `
WITH RECURSIVE ${parentsAfter('later', '$3::uuid')}, ${parentsAfter('sooner', `'${BEFORE_ALL}'`)},
round AS (
  SELECT parent_id, child_timeout_ms, row_number() OVER () AS turn FROM (
    ${gives('later')}
    UNION ALL
    ${gives('sooner')} WHERE w.parent_id <= $3::uuid
    LIMIT ${PARENTS_AT_ONCE}
  ) AS next
), due AS (
  SELECT c.id, r.turn, r.child_timeout_ms FROM round r, LATERAL (
    SELECT j.id FROM job j
     WHERE j.type = $1 AND j.priority = $2 AND j.status = 'pending' AND j.parent_id = r.parent_id
       AND j.available_at <= now()
     ORDER BY j.available_at, j.id LIMIT ceil($4::float8 / (SELECT count(*) FROM round))
     FOR UPDATE SKIP LOCKED
  ) AS c
  LIMIT $4
), moved AS (
  UPDATE job j SET
    status = 'running',
    attempt = j.attempt + 1,
    version = j.version + 1,
    lease_owner = $5,
    lease_expires_at = now() + least($6, due.child_timeout_ms) * interval '1 millisecond',
    times_out_at = now() + due.child_timeout_ms * interval '1 millisecond',
    progress_percentage = 0, progress_stage = 'queued', progress_label = '',
    started_at = coalesce(j.started_at, now()),
    updated_at = now()
  FROM due WHERE j.id = due.id
  RETURNING ${movedColumns(`'pending'::job_status`)}, j.key, j.payload, j.lease_expires_at,
            due.child_timeout_ms AS timeout_ms, due.turn
), logged AS (${APPEND_DELTAS}
)
SELECT m.*, s.parents, s.last_parent_id FROM (
  SELECT count(*)::int AS parents, (array_agg(parent_id ORDER BY turn DESC))[1] AS last_parent_id FROM round
) AS s LEFT JOIN moved m ON true WHERE s.parents > 0`;
