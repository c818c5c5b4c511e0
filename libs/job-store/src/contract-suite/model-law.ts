import type { JobStatus, ParentJobProgress } from '@progeny/contract';
import { type Counts, foldDeltas, isParentEnded, openOf, totalOf } from '@progeny/core';
import type { FoldResult } from '../job-store.ts';
import type { JobStoreHarness } from './harness.ts';
import type { ModelRecord } from './model-player.ts';
import { countsOf, foldOnce, lifecycleOf, progressOf } from './scene.ts';

const sum = (one: Counts, other: Counts): Counts =>
  foldDeltas(
    one,
    (Object.keys(other) as (keyof Counts)[]).map((to) => ({ from: null, to, count: other[to] })),
  );

/** What holds at any moment at which nothing is under way. `seen` is the progress at the moment before. */
export async function expectLawful(
  { store, truth, unfolded }: JobStoreHarness,
  parentId: string,
  seen: ParentJobProgress | undefined,
): Promise<ParentJobProgress> {
  const progress = await progressOf(store, parentId);
  const children = await truth(parentId);
  expect(sum(countsOf(progress), await unfolded(parentId))).toEqual(children);
  expectSound(progress);
  if (isParentEnded(progress.status)) expect(openOf(children)).toBe(0);
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

/** Ends everything that is open, whatever was commanded before, and keeps what comes back. */
export async function playToEnd(harness: JobStoreHarness, record: ModelRecord): Promise<void> {
  const { store } = harness;
  const fold = async (parentId: string) => {
    const result = await foldOnce(store, parentId);
    record.folds.push(result);
    record.changes.push(...result.changes);
    return result;
  };
  for (const parentId of record.parentIds) {
    record.changes.push(...(await store.seal(parentId)));
    record.changes.push(...(await store.sweep(parentId, 1_000)));
    const { children } = await store.listChildren(parentId, { limit: 1_000 });
    const open = children.filter(({ finished_at }) => finished_at === null);
    const reports = open.map(({ job_id, attempt }) => ({
      jobId: job_id,
      status: 'completed' as const,
      attempt: Math.max(1, attempt),
    }));
    record.changes.push(...(await store.report(reports)).changes);
    await fold(parentId);
    expect((await fold(parentId)).changed).toBe(false);
  }
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
  }
  for (const fold of record.folds) expectSound(fold.progress);
  await expectChains(harness, record);
}

/** Started first, ended once, told by the folds exactly as it was recorded; and no two folds made one version. */
async function expectOneLifecycle(
  { store }: JobStoreHarness,
  parentId: string,
  folds: readonly FoldResult[],
) {
  const lifecycle = await lifecycleOf(store, parentId);
  const { status } = await progressOf(store, parentId);
  expect(lifecycle.map(({ type, payload }) => [payload.seq, type])).toEqual([
    [1, 'JOB_STARTED'],
    [2, `JOB_${status.toUpperCase()}`],
  ]);
  const own = folds.filter(({ progress }) => progress.job_id === parentId);
  const told = own.flatMap((fold) => fold.lifecycle).sort((a, b) => a.payload.seq - b.payload.seq);
  expect(told).toEqual(lifecycle);
  const versions = own.filter(({ changed }) => changed).map(({ progress }) => progress.version);
  expect(new Set(versions).size).toBe(versions.length);
}

/** The changes told of one job are a chain from its birth to the status that it is in, each told once. */
async function expectChains({ store }: JobStoreHarness, { changes, parentIds, childIds }: ModelRecord) {
  expect(new Set(changes.map(({ event_id }) => event_id)).size).toBe(changes.length);
  for (const jobId of [...parentIds, ...childIds]) {
    const chain = changes.filter(({ job_id }) => job_id === jobId).sort((a, b) => a.version - b.version);
    let status: JobStatus | null = null;
    let version = 0;
    for (const change of chain) {
      expect(change.from).toBe(status);
      expect(change.version).toBeGreaterThan(version);
      status = change.to;
      version = change.version;
    }
    expect((await store.getJob(jobId))?.status).toBe(status);
  }
}
