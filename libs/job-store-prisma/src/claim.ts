import type { ClaimReply, JobStatusChange } from '@progeny/contract';
import type { ClaimOptions } from '@progeny/job-store';
import { NIL } from 'uuid';
import type { Query } from './database.ts';
import { APPEND_DELTAS } from './move-children.ts';
import { type MovedRow, movedColumns, toStatusChanges } from './status-change.ts';

interface ClaimedRow extends MovedRow {
  key: string;
  payload: Record<string, unknown>;
  lease_expires_at: Date;
  timeout_ms: number | null;
  /** Of its parent in this round, and of the child among those of its parent. */
  turn: number;
  nth: number;
}

/** The parents of a round: how many, and the last of them. */
interface Seen {
  parents: number;
  last_parent_id: string;
}
type FoundRow = Seen & (ClaimedRow | { id: null });

/** Tenants and priorities that one claim looks at. */
const QUEUES_AT_ONCE = 64;
/** Parents that share one statement. */
const PARENTS_AT_ONCE = 32;
const PARENTS_PASSED_MAX = 1_000;

/** Whose turn it is, by queue: who was served last. Lost with the process, which costs nothing. */
export type ClaimTurns = Map<string, string>;

/** Pending children of one tenant and priority. */
interface Queue {
  jobType: string;
  tenantId: string;
  priority: number;
}
type Terms = Pick<ClaimOptions, 'workerId' | 'leaseMs' | 'tenantId'>;

export async function claim(
  query: Query,
  turns: ClaimTurns,
  { jobTypes, limit, ...terms }: ClaimOptions,
): Promise<ClaimReply & { changes: JobStatusChange[] }> {
  const rows: ClaimedRow[] = [];
  for (const jobType of jobTypes) {
    if (rows.length === limit) break;
    rows.push(...(await claimByTenant(query, turns, { jobType, limit: limit - rows.length, ...terms })));
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

/** Tenants take turns, beginning behind the one that was served last; of each the highest priority first. */
async function claimByTenant(
  query: Query,
  turns: ClaimTurns,
  { jobType, limit, ...terms }: Terms & { jobType: string; limit: number },
): Promise<ClaimedRow[]> {
  const queues = await waitingQueues(query, turns, { jobType, tenantId: terms.tenantId });
  const claimed: ClaimedRow[] = [];
  let waiting = [...new Set(queues.map(({ tenantId }) => tenantId))];
  while (waiting.length > 0 && claimed.length < limit) {
    const room = limit - claimed.length;
    const tenants = waiting;
    waiting = [];
    for (const [index, tenantId] of tenants.entries()) {
      const most = claimed.length + shareOf(room, { index, of: tenants.length });
      for (const queue of queues.filter((one) => one.tenantId === tenantId)) {
        const left = most - claimed.length;
        if (left === 0) break;
        claimed.push(...(await claimByParent(query, turns, { ...terms, ...queue, jobType, limit: left })));
      }
      if (claimed.length === most) waiting.push(tenantId);
    }
    const last = tenants[(room - 1) % tenants.length];
    if (last !== undefined) turns.set(jobType, last);
  }
  return claimed;
}

const waitingQueues = (
  query: Query,
  turns: ClaimTurns,
  { jobType, tenantId }: { jobType: string; tenantId: string | undefined },
): Promise<Queue[]> =>
  tenantId === undefined
    ? query<Queue>(WAITING_QUEUES, [jobType, turns.get(jobType) ?? '', QUEUES_AT_ONCE])
    : query<Queue>(QUEUES_OF_TENANT, [jobType, tenantId]);

/** As if each took one in turn. */
const shareOf = (room: number, { index, of }: { index: number; of: number }): number =>
  Math.floor(room / of) + (index < room % of ? 1 : 0);

/** Of one queue, in rounds: of each parent its share, beginning behind the one that was served last. */
async function claimByParent(
  query: Query,
  turns: ClaimTurns,
  {
    jobType,
    tenantId,
    priority,
    limit,
    workerId,
    leaseMs,
  }: Omit<Terms, 'tenantId'> & Queue & { limit: number },
): Promise<ClaimedRow[]> {
  const turn = `${jobType}/${tenantId}/${priority}`;
  const claimed: ClaimedRow[] = [];
  /** Parents passed without a child that is due, until one has. */
  let passed = 0;
  while (claimed.length < limit) {
    const found = await query<FoundRow>(CLAIM, [
      jobType,
      tenantId,
      priority,
      turns.get(turn) ?? NIL,
      limit - claimed.length,
      workerId,
      leaseMs,
    ]);
    const rows = found.filter((row): row is ClaimedRow & Seen => row.id !== null);
    const [seen] = found;
    if (!seen) break;
    const last = rows.reduce<(ClaimedRow & Seen) | undefined>(later, undefined);
    turns.set(turn, last?.parent_id ?? seen.last_parent_id);
    claimed.push(...rows);
    passed = rows.length > 0 ? 0 : passed + seen.parents;
    // All of them were seen, or so many that what is due may as well wait for the next claim.
    if (seen.parents < PARENTS_AT_ONCE ? rows.length === 0 : passed >= PARENTS_PASSED_MAX) break;
  }
  return claimed;
}

const later = (a: (ClaimedRow & Seen) | undefined, b: ClaimedRow & Seen): ClaimedRow & Seen =>
  a && (a.nth > b.nth || (a.nth === b.nth && a.turn > b.turn)) ? a : b;

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
    // In the order of ids, as reports lock them: two batches with the same children never wait for each other.
    `WITH held AS (
       SELECT j.id FROM job j JOIN unnest($1::uuid[], $2::int[]) AS c (id, attempt) ON c.id = j.id
        WHERE j.attempt = c.attempt AND j.status = 'running' AND NOT j.is_parent
          AND (j.times_out_at IS NULL OR j.times_out_at > now())
        ORDER BY j.id FOR NO KEY UPDATE OF j
     )
     UPDATE job j SET lease_expires_at = least(now() + $3 * interval '1 millisecond', j.times_out_at)
       FROM held WHERE j.id = held.id
     RETURNING j.id, j.attempt`,
    [children.map((child) => child.jobId), children.map((child) => child.attempt), leaseMs],
  );
  const held = new Set(rows.map((row) => `${row.id}/${row.attempt}`));
  const isLost = (child: { jobId: string; attempt: number }) => !held.has(`${child.jobId}/${child.attempt}`);
  return { lost: children.filter(isLost).map((child) => child.jobId) };
}

/** Tenants and priorities with pending children, from the tenant behind `$2` on and then from the first; hop by hop. */
const nextQueue = (after: string): string => `
  SELECT next.tenant_id, next.priority FROM (
    SELECT j.tenant_id, j.priority FROM job j
     WHERE j.type = $1 AND j.status = 'pending' AND NOT j.is_parent
       AND (j.tenant_id, j.priority) > (${after})
     ORDER BY j.tenant_id, j.priority LIMIT 1
  ) AS next`;
const queuesAfter = (name: string, after: string): string => `${name} AS (
  (${nextQueue(after)})
  UNION ALL
  SELECT next.tenant_id, next.priority
    FROM ${name} w, LATERAL (${nextQueue('w.tenant_id, w.priority')}) AS next
)`;
const HIGHEST = `${2 ** 15 - 1}::smallint`;
const WAITING_QUEUES = `
WITH RECURSIVE ${queuesAfter('later', `$2::text, ${HIGHEST}`)}, ${queuesAfter('sooner', `'', ${HIGHEST}`)}
SELECT q.tenant_id AS "tenantId", q.priority FROM (
  SELECT 0 AS lap, * FROM later
  UNION ALL
  SELECT 1 AS lap, * FROM sooner WHERE tenant_id <= $2
  LIMIT $3
) AS q ORDER BY q.lap, q.tenant_id, q.priority DESC`;

const QUEUES_OF_TENANT = `
WITH RECURSIVE own AS (
  (SELECT priority FROM job WHERE type = $1 AND tenant_id = $2 AND status = 'pending' AND NOT is_parent
    ORDER BY priority DESC LIMIT 1)
  UNION ALL
  SELECT next.priority FROM own w, LATERAL (
    SELECT j.priority FROM job j WHERE j.type = $1 AND j.tenant_id = $2 AND j.status = 'pending'
       AND NOT j.is_parent AND j.priority < w.priority
     ORDER BY j.priority DESC LIMIT 1
  ) AS next
)
SELECT $2 AS "tenantId", priority FROM own ORDER BY priority DESC`;

/**
 * The first parent with pending children behind `after` in its queue. By an order that no index has but the queue's own:
 * a hop, whatever lies between.
 */
const parentAfter = (after: string): string => `
  SELECT next.parent_id FROM (
    SELECT j.priority, j.parent_id FROM job j
     WHERE j.type = $1 AND j.tenant_id = $2 AND j.status = 'pending' AND NOT j.is_parent
       AND (j.priority, j.parent_id) > ($3::smallint, ${after})
     ORDER BY j.priority, j.parent_id LIMIT 1
  ) AS next WHERE next.priority = $3`;

const parentsAfter = (name: string, after: string): string => `${name} AS (
  (${parentAfter(after)})
  UNION ALL
  SELECT next.parent_id FROM ${name} w, LATERAL (${parentAfter('w.parent_id')}) AS next
)`;

// OFFSET 0: looked up parent by parent, never by way of all parents that there are.
const gives = (parents: string): string => `
  SELECT w.parent_id, p.child_timeout_ms FROM ${parents} w, LATERAL (
    SELECT child_timeout_ms FROM parent_job p
     WHERE p.job_id = w.parent_id AND p.stopped_at IS NULL AND p.paused_at IS NULL OFFSET 0
  ) AS p`;

// SKIP LOCKED: two claims at once never wait for each other and never get the same child.
export const CLAIM = `
WITH RECURSIVE ${parentsAfter('later', '$4::uuid')}, ${parentsAfter('sooner', `'${NIL}'::uuid`)},
round AS (
  SELECT parent_id, child_timeout_ms, (row_number() OVER ())::int AS turn FROM (
    ${gives('later')}
    UNION ALL
    ${gives('sooner')} WHERE w.parent_id <= $4::uuid
    LIMIT ${PARENTS_AT_ONCE}
  ) AS next
), due AS (
  SELECT c.id, r.turn, r.child_timeout_ms,
         (row_number() OVER (PARTITION BY r.turn ORDER BY c.available_at, c.id))::int AS nth
    FROM round r, LATERAL (
    SELECT j.id, j.available_at FROM job j
     WHERE j.type = $1 AND j.tenant_id = $2 AND j.priority = $3 AND j.status = 'pending'
       AND NOT j.is_parent AND j.parent_id = r.parent_id AND j.available_at <= now()
     ORDER BY j.available_at, j.id LIMIT ceil($5::float8 / (SELECT count(*) FROM round))
     FOR UPDATE SKIP LOCKED
  ) AS c
  ORDER BY nth, r.turn LIMIT $5
), moved AS (
  UPDATE job j SET
    status = 'running',
    attempt = j.attempt + 1,
    version = j.version + 1,
    lease_owner = $6,
    lease_expires_at = now() + least($7, due.child_timeout_ms) * interval '1 millisecond',
    times_out_at = now() + due.child_timeout_ms * interval '1 millisecond',
    progress_percentage = 0, progress_stage = 'queued', progress_label = '',
    started_at = coalesce(j.started_at, now()),
    updated_at = now()
  FROM due WHERE j.id = due.id
  RETURNING ${movedColumns(`'pending'::text`)}, j.key, j.payload, j.lease_expires_at,
            due.child_timeout_ms AS timeout_ms, due.turn, due.nth
), logged AS (${APPEND_DELTAS}
)
SELECT m.*, s.parents, s.last_parent_id FROM (
  SELECT count(*)::int AS parents, (array_agg(parent_id ORDER BY turn DESC))[1] AS last_parent_id FROM round
) AS s LEFT JOIN moved m ON true WHERE s.parents > 0`;
