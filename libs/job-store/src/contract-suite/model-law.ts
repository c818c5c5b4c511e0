import { type JobStatus, LIMITS, type ParentJobProgress } from '@progeny/contract';
import { type Counts, childLifecycleOf, foldDeltas, isParentEnded, openOf, totalOf } from '@progeny/core';
import type { FoldResult } from '../job-store.ts';
import { StoreError } from '../store-error.ts';
import type { JobStoreHarness } from './harness.ts';
import { expectAddsUp } from './log-law.ts';
import type { ModelRecord } from './model-record.ts';
import { countsOf, endPlain, foldOnce, lifecycleOf, progressOf } from './scene.ts';

const sum = (one: Counts, other: Counts): Counts =>
  foldDeltas(
    one,
    (Object.keys(other) as (keyof Counts)[]).map((to) => ({ from: null, to, count: other[to] })),
  );

/** What holds at any moment at which nothing is under way. `seen` is the progress at the moment before. */
export async function expectLawful(
  { store, truth, unfolded }: JobStoreHarness,
  { outerIds }: ModelRecord,
  { parentId, seen }: { parentId: string; seen: ParentJobProgress | undefined },
): Promise<ParentJobProgress> {
  const progress = await progressOf(store, parentId);
  const children = await truth(parentId);
  const uncounted = await unfolded(parentId);
  expect(sum(countsOf(progress), uncounted)).toEqual(children);
  // Unless one that was retried is still to be counted, no parent shows its end before what is nested in it.
  if (isParentEnded(progress.status) && openOf(uncounted) === 0) {
    const nestedIds = [...outerIds].filter(([, outerId]) => outerId === parentId).map(([id]) => id);
    for (const nested of await store.getProgress(nestedIds)) {
      expect(isParentEnded(nested.progress.status)).toBe(true);
    }
  }
  expectSound(progress);
  if (seen) expect(progress.version).toBeGreaterThanOrEqual(seen.version);
  if (seen?.version === progress.version) {
    expect({ ...progress, verified_at: null }).toEqual({ ...seen, verified_at: null });
  }
  return progress;
}

/** What holds of any state that anybody ever sees. */
function expectSound(progress: ParentJobProgress): void {
  const counts = countsOf(progress);
  for (const count of Object.values(counts)) expect(count).toBeGreaterThanOrEqual(0);
  expect(progress.total_children).toBe(totalOf(counts));
  const ended = isParentEnded(progress.status);
  if (ended) expect(progress).toMatchObject({ sealed: true, pending_children: 0, running_children: 0 });
  expect(progress.progress_percentage === 100).toBe(ended);
}

/** One for each level of nesting, and for each time that a retry goes down and comes up again. */
const ROUNDS_MAX = 4 * LIMITS.nestingMax;

/** Ends everything that is open, whatever was commanded before, and keeps what comes back. */
export async function playToEnd(harness: JobStoreHarness, record: ModelRecord): Promise<void> {
  for (let rounds = 0; rounds < ROUNDS_MAX; rounds++) {
    const told = record.changes.length;
    for (const parentId of record.parentIds) await endOpen(harness, record, parentId);
    // From the innermost outwards.
    let isQuiet = true;
    for (const parentId of record.parentIds.toReversed()) {
      const fold = await foldOnce(harness.store, parentId);
      record.folds.push(fold);
      record.changes.push(...fold.changes);
      isQuiet &&= !fold.changed && !fold.needsSweep;
    }
    if (isQuiet && record.changes.length === told) return;
  }
  throw new Error('it did not come to an end');
}

async function endOpen({ store }: JobStoreHarness, record: ModelRecord, parentId: string): Promise<void> {
  record.changes.push(...(await store.resume(parentId).catch(unlessEnded)));
  record.changes.push(...(await store.seal(parentId)));
  record.changes.push(...(await store.sweep(parentId, 1_000)));
  record.changes.push(...(await endPlain(store, parentId, 'completed')));
}

function unlessEnded(error: unknown): [] {
  if (error instanceof StoreError && error.code === 'job_ended') return [];
  throw error;
}

/** What holds when everything has ended. */
export async function expectEnded(harness: JobStoreHarness, record: ModelRecord): Promise<void> {
  const { store, truth } = harness;
  expect(await store.findUnfolded(1_000)).toEqual([]);
  expect((await store.audit(1_000)).drifted).toEqual([]);
  expect(record.drifted).toEqual([]);
  for (const parentId of record.parentIds) {
    const progress = await progressOf(store, parentId);
    expect(isParentEnded(progress.status)).toBe(true);
    expect(countsOf(progress)).toEqual(await truth(parentId));
    await expectOneLifecycle(harness, parentId, record.folds);
    expectAddsUp(await store.listLog(parentId), progress);
  }
  for (const fold of record.folds) expectSound(fold.progress);
  await expectChains(harness, record);
  await expectChildrensLives(harness, record);
  await expectNothingOf(harness, [...record.deletedIds, ...record.hiddenIds]);
}

/** In each run started first and ended once, told by the folds as it was recorded; and no two folds made one version. */
async function expectOneLifecycle(
  { store }: JobStoreHarness,
  parentId: string,
  folds: readonly FoldResult[],
) {
  const lifecycle = await lifecycleOf(store, parentId);
  const { status } = await progressOf(store, parentId);
  const { run } = (await store.getJob(parentId)) ?? {};
  lifecycle.forEach(({ type, payload }, index) => {
    expect(payload.seq).toBe(index + 1);
    expect(type === 'JOB_STARTED').toBe(index % 2 === 0);
  });
  expect(lifecycle).toHaveLength(2 * (run ?? 0));
  expect(lifecycle.at(-1)?.type).toBe(`JOB_${status.toUpperCase()}`);
  const own = folds.filter(({ progress }) => progress.job_id === parentId);
  const told = own.flatMap((fold) => fold.lifecycle).sort((a, b) => a.payload.seq - b.payload.seq);
  expect(told).toEqual(lifecycle);
  const versions = own.filter(({ changed }) => changed).map(({ progress }) => progress.version);
  expect(new Set(versions).size).toBe(versions.length);
}

const chainOf = ({ changes }: ModelRecord, jobId: string) =>
  changes.filter(({ job_id }) => job_id === jobId).sort((a, b) => a.version - b.version);

/** The changes told of one job are a chain from its birth to the status that it is in, each told once. */
async function expectChains({ store }: JobStoreHarness, record: ModelRecord) {
  const { changes, parentIds, deletedIds, hiddenIds, childIds } = record;
  expect(new Set(changes.map(({ event_id }) => event_id)).size).toBe(changes.length);
  for (const jobId of [...parentIds, ...deletedIds, ...hiddenIds, ...childIds]) {
    let status: JobStatus | null = null;
    let version = 0;
    for (const change of chainOf(record, jobId)) {
      expect(change.from).toBe(status);
      expect(change.version).toBeGreaterThan(version);
      status = change.to;
      version = change.version;
    }
    const job = await store.getJob(jobId);
    if (job || deletedIds.includes(jobId)) expect(job?.status ?? null).toBe(status);
  }
}

/** What is told of a child's life counts on without a gap, to where its row says that it is. */
async function expectChildrensLives({ store }: JobStoreHarness, record: ModelRecord) {
  const { snapshots } = await store.readSnapshots(record.childIds);
  for (const { progress, seq, lifecycle } of snapshots) {
    const told = chainOf(record, progress.job_id).flatMap((change) =>
      childLifecycleOf(change, { timestamp: '2030-01-01T00:00:00.000Z' }),
    );
    expect(told.map(({ payload }) => payload.seq)).toEqual(told.map((_, index) => index + 1));
    expect(seq).toBe(told.length);
    const outline = (events: typeof told) => events.map(({ type, payload }) => `${payload.seq} ${type}`);
    expect(outline(lifecycle)).toEqual(outline(told.slice(told.length - lifecycle.length)));
  }
}

async function expectNothingOf({ store, truth }: JobStoreHarness, deletedIds: readonly string[]) {
  expect(await store.findOwners(deletedIds)).toEqual(new Map());
  while ((await store.removeDeleted(100)) > 0);
  for (const parentId of deletedIds) expect(totalOf(await truth(parentId))).toBe(0);
}
