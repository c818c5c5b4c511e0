import { QUEUED } from '@progeny/core';
import type { JobStoreHarness } from './harness.ts';
import {
  brief,
  childByKey,
  childId,
  childSnapshotOf,
  claimTasks,
  counts,
  countsOf,
  endedWith,
  outlineEvents,
  parentWith,
  refusal,
  reportKeys,
  reportOutcomes,
  settle,
  sweepToEnd,
  toldOf,
  UNKNOWN_ID,
} from './scene.ts';

export function describeRetryingOne(harness: () => JobStoreHarness): void {
  test('one failed child is tried again, and no other', async () => {
    const { store } = harness();
    const parentId = await endedWith(store, { a: 'failed', b: 'failed' });
    const jobId = await childId(store, parentId, 'a');
    expect(await store.retryChild(jobId)).toMatchObject([
      { job_id: jobId, from: 'failed', to: 'pending', run: 2, attempt: 2, starts_run: false },
    ]);
    const reopened = await settle(store, parentId);
    expect(reopened).toMatchObject({ needsSweep: false, progress: { status: 'running' } });
    expect(outlineEvents(reopened.lifecycle)).toEqual(['3 JOB_STARTED']);
    expect(countsOf(reopened.progress)).toEqual(counts({ pending: 1, failed: 1 }));
    const { children, changes } = await claimTasks(store);
    expect(children).toMatchObject([{ job_id: jobId, attempt: 3 }]);
    expect(changes).toMatchObject([{ run: 2, starts_run: true }]);
    await reportKeys(store, parentId, { a: 'completed' });
    const { progress } = await settle(store, parentId);
    expect(progress.status).toBe('completed');
    expect(countsOf(progress)).toEqual(counts({ completed: 1, failed: 1 }));
    expect((await toldOf(store, parentId)).slice(2)).toEqual(['3 JOB_STARTED', '4 JOB_COMPLETED']);
  });

  test('a child begins its run with nothing of the one before but its last error', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a'], { sealed: true });
    const [claimed] = (await claimTasks(store)).children;
    const jobId = claimed?.job_id ?? '';
    const error = { error_code: 'http_500', user_message: 'It failed.', technical_detail: '' };
    await store.saveProgress([{ jobId, progress: 40, stage: 'parsing', label: 'Parsing', steps: [] }]);
    await store.report([{ jobId, status: 'failed', attempt: 1, error, result: { so: 'far' } }]);
    await settle(store, parentId);
    const before = await childByKey(store, parentId, 'a');
    await store.retryChild(jobId);
    expect(await childByKey(store, parentId, 'a')).toMatchObject({
      ...{ status: 'pending', run: 2, attempt: 2, version: before.version + 1, result: null, error },
      ...{ started_at: null, finished_at: null },
      ...{ progress_percentage: 0, progress_stage: 'queued', progress_label: '' },
    });
    expect(await childSnapshotOf(store, jobId)).toMatchObject({ progress: QUEUED, seq: 2, lifecycle: [] });
    await claimTasks(store);
    expect(await childSnapshotOf(store, jobId)).toMatchObject({ progress: QUEUED, seq: 3 });
    expect(await reportOutcomes(store, [{ jobId, status: 'completed', attempt: 1 }])).toEqual([
      'stale_attempt',
    ]);
  });

  test('a cancelled child of a cancelled parent is tried again alone', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b']);
    await store.requestCancel(parentId);
    await sweepToEnd(store, parentId);
    await store.retryChild(await childId(store, parentId, 'a'));
    expect((await settle(store, parentId)).progress.status).toBe('running');
    expect(await store.sweep(parentId, 10)).toEqual([]);
    expect((await claimTasks(store)).children).toMatchObject([{ key: 'a' }]);
    await reportKeys(store, parentId, { a: 'completed' });
    const { progress } = await settle(store, parentId);
    expect(progress.status).toBe('completed');
    expect(countsOf(progress)).toEqual(counts({ completed: 1, cancelled: 1 }));
  });

  test('in a parent that still runs, no life begins anew but its own', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b']);
    await reportKeys(store, parentId, { a: 'failed' });
    await settle(store, parentId);
    await store.retryChild(await childId(store, parentId, 'a'));
    expect(await settle(store, parentId)).toMatchObject({ lifecycle: [], changes: [] });
    expect(await store.getJob(parentId)).toMatchObject({ run: 1 });
  });

  test('twice is harmless, whether it runs by then or not', async () => {
    const { store } = harness();
    const parentId = await endedWith(store, { a: 'failed' });
    const jobId = await childId(store, parentId, 'a');
    expect((await store.retryChild(jobId)).map(brief)).toEqual(['failed -> pending']);
    expect(await store.retryChild(jobId)).toEqual([]);
    await claimTasks(store);
    expect(await store.retryChild(jobId)).toEqual([]);
  });

  test('both at once retry it once', async () => {
    const { store } = harness();
    const parentId = await endedWith(store, { a: 'failed', b: 'failed' });
    const jobId = await childId(store, parentId, 'a');
    const changes = await Promise.all([store.retryChild(jobId), store.retryChild(jobId)]);
    expect(changes.flat()).toHaveLength(1);
    expect(await childByKey(store, parentId, 'a')).toMatchObject({ run: 2 });
  });

  test('a retry of the failed that finds this one retried already is over, and the parent ends', async () => {
    const { store } = harness();
    const parentId = await endedWith(store, { a: 'failed' });
    await store.requestRetryFailed(parentId);
    await store.retryChild(await childId(store, parentId, 'a'));
    await claimTasks(store);
    await reportKeys(store, parentId, { a: 'completed' });
    expect(await settle(store, parentId)).toMatchObject({
      needsSweep: true,
      progress: { status: 'running' },
    });
    expect(await store.sweep(parentId, 10)).toMatchObject([
      { job_id: parentId, from: 'running', to: 'running' },
    ]);
    expect((await settle(store, parentId)).progress.status).toBe('completed');
  });

  test('what is neither failed nor cancelled cannot be retried', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b', 'c', 'd']);
    await reportKeys(store, parentId, { a: 'completed', b: 'skipped', c: 'running' });
    for (const key of ['a', 'b', 'c', 'd']) {
      expect(await refusal(store.retryChild(await childId(store, parentId, key)))).toBe('not_retryable');
    }
    expect(await refusal(store.retryChild(parentId))).toBe('not_a_child');
    expect(await refusal(store.retryChild(UNKNOWN_ID))).toBe('job_not_found');
  });

  test('nothing is retried while its parent is being stopped', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b']);
    await reportKeys(store, parentId, { a: 'failed' });
    await store.requestCancel(parentId);
    expect(await refusal(store.retryChild(await childId(store, parentId, 'a')))).toBe('job_cancelling');
  });
}
