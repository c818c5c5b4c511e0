import type { JobStoreHarness } from './harness.ts';
import {
  brief,
  childId,
  claimTasks,
  counts,
  countsOf,
  endedWith,
  foldOnce,
  numbered,
  outlineEvents,
  parentWith,
  refusal,
  reportKeys,
  settle,
  sweepToEnd,
  toldOf,
  UNKNOWN_ID,
} from './scene.ts';

export function describeRetrying(harness: () => JobStoreHarness): void {
  test('the failed children of an ended parent run again, and it ends once more', async () => {
    const { store, truth } = harness();
    const parentId = await endedWith(store, { a: 'completed', b: 'failed', c: 'failed', d: 'skipped' });
    const [asked, ...more] = await store.requestRetryFailed(parentId);
    expect(asked).toMatchObject({ job_id: parentId, from: 'completed', to: 'completed' });
    expect(more).toEqual([]);

    const reopened = await settle(store, parentId);
    expect(reopened).toMatchObject({ needsSweep: true, progress: { status: 'running', failed_children: 2 } });
    expect(outlineEvents(reopened.lifecycle)).toEqual(['3 JOB_STARTED']);
    expect(reopened.changes).toMatchObject([
      { from: 'completed', to: 'running', run: 2, starts_run: true, job_id: parentId },
    ]);

    const swept = await store.sweep(parentId, 10);
    expect(swept.map(brief)).toEqual(Array(2).fill('failed -> pending'));
    const open = await settle(store, parentId);
    expect(open).toMatchObject({ needsSweep: false, lifecycle: [], progress: { status: 'running' } });
    expect(countsOf(open.progress)).toEqual(counts({ pending: 2, completed: 1, skipped: 1 }));

    expect((await claimTasks(store)).children.map(({ key }) => key).sort()).toEqual(['b', 'c']);
    await reportKeys(store, parentId, { b: 'completed', c: 'completed' });
    const done = await settle(store, parentId);
    expect(countsOf(done.progress)).toEqual(counts({ completed: 3, skipped: 1 }));
    expect(countsOf(done.progress)).toEqual(await truth(parentId));
    expect(await toldOf(store, parentId)).toEqual([
      ...['1 JOB_STARTED', '2 JOB_COMPLETED', '3 JOB_STARTED', '4 JOB_COMPLETED'],
    ]);
  });

  test('half swept, the parent does not end, though everything that was opened has ended', async () => {
    const { store } = harness();
    const parentId = await endedWith(store, { a: 'failed', b: 'failed', c: 'failed' });
    await store.requestRetryFailed(parentId);
    expect(await store.sweep(parentId, 2)).toHaveLength(2);
    await claimTasks(store);
    await reportKeys(store, parentId, { a: 'completed', b: 'completed' });
    const half = await settle(store, parentId);
    expect(half).toMatchObject({
      needsSweep: true,
      progress: { status: 'running', progress_percentage: 99 },
    });
    expect(countsOf(half.progress)).toEqual(counts({ completed: 2, failed: 1 }));
    expect(await store.sweep(parentId, 2)).toHaveLength(1);
    expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ completed: 2, pending: 1 }));
    await claimTasks(store);
    await reportKeys(store, parentId, { c: 'completed' });
    expect((await settle(store, parentId)).progress.status).toBe('completed');
    expect(await toldOf(store, parentId)).toHaveLength(4);
  });

  test('a child that fails again is not retried by the same sweep, but by the next retry', async () => {
    const { store } = harness();
    const parentId = await endedWith(store, { a: 'failed', b: 'failed' });
    await store.requestRetryFailed(parentId);
    await store.sweep(parentId, 1);
    const [again] = (await claimTasks(store)).children;
    await reportKeys(store, parentId, { [again?.key ?? '']: 'failed' });
    const swept = await store.sweep(parentId, 10);
    expect(swept).toHaveLength(1);
    expect(swept[0]?.job_id).not.toBe(again?.job_id);
    expect(await settle(store, parentId)).toMatchObject({ needsSweep: false });
    await store.requestRetryFailed(parentId);
    expect(await store.sweep(parentId, 10)).toMatchObject([{ job_id: again?.job_id, run: 3 }]);
  });

  test('all that was retried may end before anybody folds: it is told all the same', async () => {
    const { store } = harness();
    const parentId = await endedWith(store, { a: 'failed' });
    await store.requestRetryFailed(parentId);
    await store.sweep(parentId, 10);
    await claimTasks(store);
    await reportKeys(store, parentId, { a: 'completed' });
    const { lifecycle, changes, progress } = await settle(store, parentId);
    expect(outlineEvents(lifecycle)).toEqual(['3 JOB_STARTED', '4 JOB_COMPLETED']);
    expect(changes).toMatchObject([{ from: 'failed', to: 'completed', run: 2, starts_run: true }]);
    expect(progress).toMatchObject({ status: 'completed', progress_percentage: 100 });
    expect(await store.getJob(parentId)).toMatchObject({ status: 'completed', run: 2, error: null });
  });

  test('a parent that still runs goes on in the same run', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b'], { sealed: true });
    await claimTasks(store);
    await reportKeys(store, parentId, { a: 'failed' });
    await settle(store, parentId);
    await store.requestRetryFailed(parentId);
    expect(await settle(store, parentId)).toMatchObject({ needsSweep: true, lifecycle: [], changes: [] });
    await sweepToEnd(store, parentId);
    await claimTasks(store);
    await reportKeys(store, parentId, { a: 'completed', b: 'completed' });
    await settle(store, parentId);
    expect(await toldOf(store, parentId)).toEqual(['1 JOB_STARTED', '2 JOB_COMPLETED']);
    expect(await store.getJob(parentId)).toMatchObject({ run: 1 });
  });

  test('without a failed child nothing changes', async () => {
    const { store } = harness();
    const parentId = await endedWith(store, { a: 'completed', b: 'cancelled' });
    expect(await store.requestRetryFailed(parentId)).toEqual([]);
    expect(await store.sweep(parentId, 10)).toEqual([]);
    expect((await foldOnce(store, parentId)).changed).toBe(false);
  });

  test('twice is once, and sweeps beside each other share no child', async () => {
    const { store } = harness();
    const parentId = await endedWith(store, Object.fromEntries(numbered(30).map((key) => [key, 'failed'])));
    expect(await store.requestRetryFailed(parentId)).toHaveLength(1);
    expect(await store.requestRetryFailed(parentId)).toEqual([]);
    const swept = (await Promise.all(numbered(5).map(() => store.sweep(parentId, 5)))).flat();
    expect(new Set(swept.map(({ job_id }) => job_id)).size).toBe(25);
    await sweepToEnd(store, parentId, 3);
    expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ pending: 30 }));
    expect(await store.getJob(parentId)).toMatchObject({ run: 2 });
  });

  test('one that nobody sweeps is found by the backup poll', async () => {
    const { store } = harness();
    const parentId = await endedWith(store, { a: 'failed' });
    await store.requestRetryFailed(parentId);
    expect(await store.findUnfolded(10)).toEqual([parentId]);
    await settle(store, parentId);
    expect(await store.findUnfolded(10)).toEqual([parentId]);
    expect((await store.explain(parentId)).reasons).toMatchObject([{ code: 'retrying' }]);
    await sweepToEnd(store, parentId);
    expect(await store.findUnfolded(10)).toEqual([]);
  });

  test('what is being stopped, is a child or does not exist, retries nothing', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b']);
    await reportKeys(store, parentId, { a: 'failed' });
    await store.requestCancel(parentId);
    expect(await refusal(store.requestRetryFailed(parentId))).toBe('job_cancelling');
    expect(await refusal(store.requestRetryFailed(await childId(store, parentId, 'a')))).toBe('not_a_parent');
    expect(await refusal(store.requestRetryFailed(UNKNOWN_ID))).toBe('job_not_found');
  });

  test('a cancel in the midst of a retry ends it', async () => {
    const { store } = harness();
    const parentId = await endedWith(store, { a: 'failed', b: 'failed', c: 'completed' });
    await store.requestRetryFailed(parentId);
    await store.sweep(parentId, 1);
    await settle(store, parentId);
    await store.requestCancel(parentId);
    const { progress } = await sweepToEnd(store, parentId);
    expect(progress.status).toBe('cancelled');
    expect(countsOf(progress)).toEqual(counts({ completed: 1, failed: 1, cancelled: 1 }));
    expect((await toldOf(store, parentId)).slice(2)).toEqual(['3 JOB_STARTED', '4 JOB_CANCELLED']);
  });
}
