import {
  failedFamily,
  failedPair,
  idsOf,
  nestedWith,
  settleUp,
  statusesOf,
  sweepUp,
  TWO_RUNS,
} from './family.ts';
import type { JobStoreHarness } from './harness.ts';
import { brief, claimTasks, counts, countsOf, end, parentWith, reportKeys, settle, toldOf } from './scene.ts';

export function describeNestingRetrying(harness: () => JobStoreHarness): void {
  test('a retry of the outer one has what is nested retry its failed, and is over when that runs', async () => {
    const { store } = harness();
    const { outer, nested } = await failedPair(store);
    expect(idsOf(await store.requestRetryFailed(outer))).toEqual([outer]);
    const swept = await store.sweep(outer, 10);
    expect(swept.map(brief).sort()).toEqual(['failed -> failed', 'failed -> pending']);
    expect(swept.find(({ job_id }) => job_id === nested)).toMatchObject({
      parent_id: outer,
      is_parent: true,
    });
    await claimTasks(store);
    await reportKeys(store, outer, { a: 'completed' });
    // Nothing open is counted, though nested ones are to run again.
    expect(await settle(store, outer)).toMatchObject({
      needsSweep: true,
      progress: { status: 'running', completed_children: 1, failed_children: 1 },
    });
    expect(await store.sweep(outer, 10)).toEqual([]);

    expect((await store.sweep(nested, 10)).map(brief)).toEqual(Array(2).fill('failed -> pending'));
    expect(await store.sweep(outer, 10)).toEqual([]);
    expect((await settle(store, nested)).changes).toMatchObject([
      { from: 'failed', to: 'running', run: 2, starts_run: true },
    ]);
    expect(await store.sweep(outer, 10)).toMatchObject([{ job_id: outer, from: 'running', to: 'running' }]);
    expect(await settle(store, outer)).toMatchObject({
      needsSweep: false,
      progress: { status: 'running', completed_children: 1, running_children: 1 },
    });

    await claimTasks(store);
    await end(store, nested);
    const { progress } = await settleUp(store, outer, nested);
    expect(progress.status).toBe('completed');
    expect(countsOf(progress)).toEqual(counts({ completed: 2 }));
    expect(await toldOf(store, outer)).toEqual(TWO_RUNS);
    expect(await toldOf(store, nested)).toEqual(TWO_RUNS);
  });

  test('three levels deep every level runs again, and none ends in between', async () => {
    const { store } = harness();
    const family = await failedFamily(store);
    await store.requestRetryFailed(family[0]);
    const { needsSweep } = await sweepUp(store, family);
    expect(needsSweep).toBe(false);
    expect(await statusesOf(store, family)).toEqual(Array(3).fill('running'));
    expect((await claimTasks(store)).children).toMatchObject([{ key: 'x' }]);
    await end(store, family[2]);
    await settleUp(store, ...family);
    expect(await statusesOf(store, family)).toEqual(Array(3).fill('completed'));
    for (const parentId of family) expect(await toldOf(store, parentId)).toEqual(TWO_RUNS);
  });

  test('one batch holds plain children and nested ones, the plain ones first', async () => {
    const { store } = harness();
    const { outer, nested } = await failedPair(store);
    await store.requestRetryFailed(outer);
    expect((await store.sweep(outer, 1)).map(brief)).toEqual(['failed -> pending']);
    expect(idsOf(await store.sweep(outer, 1))).toEqual([nested]);
    expect(await store.sweep(outer, 1)).toEqual([]);
    expect((await settle(store, outer)).needsSweep).toBe(true);
  });

  test('one that fails again is not retried by the same retry', async () => {
    const { store } = harness();
    const { outer, nested } = await failedPair(store);
    await store.requestRetryFailed(outer);
    await store.sweep(outer, 10);
    await store.sweep(nested, 10);
    // All of it ends again before anybody folds.
    await claimTasks(store);
    await reportKeys(store, nested, { x: 'failed', y: 'failed' });
    expect(await store.sweep(outer, 10)).toEqual([]);
    expect((await settle(store, nested)).progress.status).toBe('failed');
    expect(await store.sweep(outer, 10)).toMatchObject([{ job_id: outer }]);
    expect(await store.sweep(nested, 10)).toEqual([]);
    await end(store, outer);
    expect((await settle(store, outer)).progress.status).toBe('completed');
    expect(await toldOf(store, nested)).toEqual([...TWO_RUNS.slice(0, 3), '4 JOB_FAILED']);
  });

  test('what stopped a nested one does not stick either when the outer one retries', async () => {
    const { store } = harness();
    const outer = await parentWith(store);
    const nested = await nestedWith(store, outer, ['x', 'y'], {
      failurePolicy: 'fail_fast',
      deadlineMs: 60_000,
    });
    await store.seal(outer);
    await reportKeys(store, nested, { x: 'failed' });
    await sweepUp(store, [outer, nested]);
    expect(await store.getJob(nested)).toMatchObject({ error: { error_code: 'too_many_failed' } });
    await harness().passTime(120_000);
    await store.requestRetryFailed(outer);
    await store.sweep(outer, 10);
    expect(await store.explain(nested)).toMatchObject({ stopped_at: null, stop_reason: null });
    await sweepUp(store, [outer, nested]);
    expect(await statusesOf(store, [outer, nested])).toEqual(['running', 'running']);
    expect(await store.expireDeadlines(10)).toEqual([]);
    expect((await claimTasks(store)).children).toMatchObject([{ key: 'x' }]);
    await reportKeys(store, nested, { x: 'completed' });
    await settleUp(store, outer, nested);
    expect(await statusesOf(store, [outer, nested])).toEqual(['completed', 'completed']);
  });

  test('a nested one that failed without a failed child has nothing to retry, and the retry is over', async () => {
    const { store, expireSealTimeouts } = harness();
    const outer = await parentWith(store, [], { sealTimeoutMs: null });
    const nested = await nestedWith(store, outer);
    await store.seal(outer);
    await settleUp(store, outer, nested);
    await expireSealTimeouts();
    await store.expireSeals(10);
    await settleUp(store, outer, nested);
    expect(await store.requestRetryFailed(nested)).toEqual([]);
    expect(await store.requestRetryFailed(outer)).toHaveLength(1);
    expect(await settle(store, outer)).toMatchObject({ progress: { status: 'running' } });
    expect(await store.sweep(outer, 10)).toMatchObject([{ job_id: outer }]);
    expect((await settle(store, outer)).progress.status).toBe('failed');
    expect(await toldOf(store, nested)).toEqual(['1 JOB_STARTED', '2 JOB_FAILED']);
  });

  test('nor has one in which such a one is all that failed', async () => {
    const { store, passTime } = harness();
    const outer = await parentWith(store);
    const middle = await nestedWith(store, outer, [], { deadlineMs: 60_000 });
    const inner = await nestedWith(store, middle, ['x'], { deadlineMs: 60_000 });
    await store.seal(outer);
    await passTime(120_000);
    await store.expireDeadlines(10);
    await sweepUp(store, [outer, middle, inner]);
    expect(await statusesOf(store, [outer, middle, inner])).toEqual(Array(3).fill('failed'));
    expect(await store.requestRetryFailed(outer)).toHaveLength(1);
    expect(await store.sweep(outer, 10)).toMatchObject([{ job_id: outer }]);
    expect(await store.sweep(middle, 10)).toEqual([]);
    expect(await settleUp(store, outer, middle, inner)).toMatchObject({ progress: { status: 'failed' } });
    expect(await store.requestRetryFailed(middle)).toHaveLength(1);
    expect(idsOf(await store.sweep(middle, 10))).toEqual([middle]);
    await sweepUp(store, [outer, middle, inner]);
    expect(await statusesOf(store, [outer, middle, inner])).toEqual(Array(3).fill('failed'));
  });

  test('a cancel of the outer one ends its retry, and what was retried', async () => {
    const { store } = harness();
    const family = await failedFamily(store);
    await store.requestRetryFailed(family[0]);
    await sweepUp(store, family);
    await store.requestCancel(family[0]);
    const { progress, needsSweep } = await sweepUp(store, family);
    expect({ needsSweep, status: progress.status }).toEqual({ needsSweep: false, status: 'cancelled' });
    expect(await statusesOf(store, family)).toEqual(Array(3).fill('cancelled'));
    for (const parentId of family) {
      expect(await toldOf(store, parentId)).toEqual([...TWO_RUNS.slice(0, 3), '4 JOB_CANCELLED']);
    }
  });

  test('a retry in which one is cancelled that was to run again is over when that has ended', async () => {
    const { store } = harness();
    const { outer, nested } = await failedPair(store);
    await store.requestRetryFailed(outer);
    await store.sweep(outer, 10);
    await store.sweep(nested, 1);
    await store.requestCancel(nested);
    expect(await store.sweep(outer, 10)).toEqual([]);
    const { needsSweep } = await sweepUp(store, [outer, nested]);
    expect(needsSweep).toBe(false);
    expect(await statusesOf(store, [outer, nested])).toEqual(['running', 'cancelled']);
    expect((await claimTasks(store)).children).toMatchObject([{ key: 'a' }]);
  });
}
