import { setTimeout as delay } from 'node:timers/promises';
import { isParentEnded, totalOf } from '@progeny/core';
import { faultsOf, type Viewer, viewJob } from '../../viewer.ts';
import { countedOf, type ParentRow } from '../checkers/ledger-rows.ts';
import type { CommandScene } from './command-scene.ts';

/** What a command came to whose service was killed in the middle, in milliseconds since it was given. */
export interface CommandReport {
  name: string;
  children: number;
  /** Of them, when the service was killed: neither none nor all. */
  movedBefore: number;
  timesMs: Record<string, number>;
  faults: string[];
}

export const COMMAND_PROOFS = { cancel, retryFailed, policy, remove } as const;

/** Children that run when the command comes. */
const RUNNING = 500;

/** A manager dies in the middle of its cancel: the cancel finishes by itself. */
async function cancel(scene: CommandScene, children: number): Promise<CommandReport> {
  const jobId = await scene.create(children);
  await scene.report((await scene.childIds(jobId)).slice(0, RUNNING), 'running');
  await scene.until(jobId, ({ counts }) => counts.running === Math.min(RUNNING, children));
  const viewer = viewJob(scene.gatewayUrl, jobId);
  try {
    return await cancelBefore(viewer, { scene, jobId, children });
  } finally {
    viewer.close();
  }
}

async function cancelBefore(
  viewer: Viewer,
  { scene, jobId, children }: { scene: CommandScene; jobId: string; children: number },
): Promise<CommandReport> {
  await viewer.until(() => true);
  const clock = startClock();
  const { status } = await scene.api.post(`/v1/jobs/${jobId}/cancel`);
  clock.note('answered');
  const killedAt = await scene.until(jobId, (row) => row.children.cancelled > 0);
  scene.kill('manager');
  await scene.until(jobId, (row) => row.children.running === 0);
  clock.note('nothing runs');
  const end = await scene.until(jobId, (row) => isParentEnded(row.status));
  clock.note('ended');
  await viewer.ended();
  const ends = viewer.connections.flatMap(({ lifecycle }) => lifecycle.map(({ type }) => type));
  const faults = [
    ...faultsOfCounts(end, { cancelled: children }),
    ...(status === 202 ? [] : [`cancel was answered with ${status}`]),
    ...unless(await scene.lifecycle(jobId), 'JOB_STARTED,JOB_CANCELLED'),
    ...unless(ends.join(), 'JOB_CANCELLED'),
    ...faultsOf(viewer),
  ];
  return report('a cancel, its manager killed', {
    children,
    moved: killedAt.children.cancelled,
    clock,
    faults,
  });
}

/** A manager dies in the middle of a retry: all that had failed waits again, in a new run, and the parent runs. */
async function retryFailed(scene: CommandScene, children: number): Promise<CommandReport> {
  const jobId = await scene.create(children);
  await scene.report(await scene.childIds(jobId), 'failed');
  await scene.until(jobId, ({ status }) => status === 'failed');

  const clock = startClock();
  const { status } = await scene.api.post(`/v1/jobs/${jobId}/retry-failed`);
  clock.note('answered');
  const killedAt = await scene.until(jobId, (row) => row.children.pending > 0);
  scene.kill('manager');
  const open = await scene.until(jobId, ({ counts }) => counts.pending === children);
  clock.note('all pending');
  const { rows } = await scene.pool.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM job WHERE parent_id = $1 AND run = 2',
    [jobId],
  );
  const reopened = await scene.lifecycle(jobId);
  await scene.api.post(`/v1/jobs/${jobId}/cancel`);
  const end = await scene.until(jobId, (row) => isParentEnded(row.status));
  const faults = [
    ...faultsOfCounts(open, { pending: children }),
    ...(open.status === 'running' ? [] : [`it is ${open.status} while its children wait`]),
    ...(rows[0]?.n === children ? [] : [`${rows[0]?.n} children are in their second run`]),
    ...(status === 202 ? [] : [`the retry was answered with ${status}`]),
    ...unless(reopened, 'JOB_STARTED,JOB_FAILED,JOB_STARTED'),
    ...faultsOfCounts(end, { cancelled: children }),
    ...unless(await scene.lifecycle(jobId), 'JOB_STARTED,JOB_FAILED,JOB_STARTED,JOB_CANCELLED'),
  ];
  return report('a retry, its manager killed', { children, moved: killedAt.children.pending, clock, faults });
}

/** Nobody gave a command: the executor stops a parent by its failure policy, and dies in the middle of that. */
async function policy(scene: CommandScene, children: number): Promise<CommandReport> {
  const most = 9;
  const jobId = await scene.create(children, { failure_policy: { max_failed: most } });
  const failed = (await scene.childIds(jobId)).slice(0, most + 1);
  await scene.until(jobId, ({ counts }) => counts.pending === children);
  const clock = startClock();
  await scene.report(failed, 'failed');
  const killedAt = await scene.until(jobId, (row) => row.children.cancelled > 0);
  scene.kill('parent-executor');
  const end = await scene.until(jobId, (row) => isParentEnded(row.status));
  clock.note('ended');
  const { rows } = await scene.pool.query<{ code: string }>(
    "SELECT payload #>> '{error,error_code}' AS code FROM lifecycle_event WHERE job_id = $1 AND type = 'JOB_FAILED'",
    [jobId],
  );
  const faults = [
    ...faultsOfCounts(end, { failed: failed.length, cancelled: children - failed.length }),
    ...unless(await scene.lifecycle(jobId), 'JOB_STARTED,JOB_FAILED'),
    ...unless(String(rows[0]?.code), 'too_many_failed'),
  ];
  const moved = killedAt.children.cancelled;
  return report('a failure policy, its executor killed', { children, moved, clock, faults });
}

/** A manager dies in the middle of the removal: no row is left, and nobody ever sees the rest. */
async function remove(scene: CommandScene, children: number): Promise<CommandReport> {
  const jobId = await scene.create(children);
  const [childId] = await scene.childIds(jobId);
  await scene.api.post(`/v1/jobs/${jobId}/cancel`);
  await scene.until(jobId, ({ status }) => status === 'cancelled');

  const clock = startClock();
  const { status } = await scene.api.remove(`/v1/jobs/${jobId}`);
  clock.note('answered');
  const killedAt = await scene.until(jobId, (row) => totalOf(row.children) < children);
  scene.kill('manager');
  const seen = await Promise.all(
    [jobId, childId].map(async (id) => (await scene.api.get(`/v1/jobs/${id}`)).status),
  );
  const left = await untilRemoved(scene, jobId);
  clock.note('removed');
  const faults = [
    ...(status === 204 ? [] : [`the delete was answered with ${status}`]),
    ...unless(seen.join(), '404,404'),
    ...left,
  ];
  const moved = children - totalOf(killedAt.children);
  return report('a delete, its manager killed', { children, moved, clock, faults });
}

const LOOK_EVERY_MS = 50;

const TABLES = {
  parent_job: 'job_id',
  parent_progress: 'job_id',
  lifecycle_event: 'job_id',
  job_log: 'job_id',
  job_delta: 'parent_id',
};

async function untilRemoved(scene: CommandScene, jobId: string): Promise<string[]> {
  for (;;) {
    const { rows } = await scene.pool.query('SELECT 1 FROM job WHERE id = $1 OR parent_id = $1 LIMIT 1', [
      jobId,
    ]);
    if (rows.length === 0) break;
    await delay(LOOK_EVERY_MS); // PostgreSQL tells nobody
  }
  const left: string[] = [];
  for (const [table, column] of Object.entries(TABLES)) {
    const { rows } = await scene.pool.query(`SELECT 1 FROM ${table} WHERE ${column} = $1 LIMIT 1`, [jobId]);
    if (rows.length > 0) left.push(`${table} has rows of what was deleted`);
  }
  return left;
}

function faultsOfCounts(row: ParentRow, expected: Partial<ParentRow['counts']>): string[] {
  const words = (counts: ParentRow['counts']) =>
    Object.entries(counts)
      .filter(([, count]) => count !== 0)
      .sort()
      .join(' ');
  const wanted = Object.entries(expected)
    .filter(([, count]) => count !== 0)
    .sort()
    .join(' ');
  return [
    ...unless(words(row.children), wanted),
    ...unless(words(row.counts), wanted),
    ...unless(words(countedOf(row)), wanted),
  ];
}

const unless = (seen: string, wanted: string): string[] =>
  seen === wanted ? [] : [`${seen}, and not ${wanted}`];

function startClock() {
  const startMs = Date.now();
  const timesMs: Record<string, number> = {};
  return {
    timesMs,
    note(what: string) {
      timesMs[what] = Date.now() - startMs;
    },
  };
}

const report = (
  name: string,
  {
    children,
    moved,
    clock,
    faults,
  }: { children: number; moved: number; clock: ReturnType<typeof startClock>; faults: string[] },
): CommandReport => ({
  name,
  children,
  movedBefore: moved,
  timesMs: clock.timesMs,
  faults: moved < children ? faults : [...faults, 'it was over before anybody could be killed'],
});
