import type { ReportedStatus } from '@progeny/contract';
import type { JobStoreHarness } from './harness.ts';
import {
  childId,
  claimTasks,
  counts,
  countsOf,
  endedWith,
  numbered,
  parentWith,
  reportKeys,
  settle,
  sweepToEnd,
  toldOf,
} from './scene.ts';

/** `completed` and `failed` children by their keys. */
const outcome = (completed: number, failed: number): Record<string, ReportedStatus> => ({
  ...Object.fromEntries(numbered(completed, 'good').map((key) => [key, 'completed'])),
  ...Object.fromEntries(numbered(failed, 'bad').map((key) => [key, 'failed'])),
});

export function describeGivingUp(harness: () => JobStoreHarness): void {
  test('fail_fast: the first failure ends the parent, and what is open is cancelled', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, numbered(5), { failurePolicy: 'fail_fast' });
    await claimTasks(store, 3);
    await reportKeys(store, parentId, { k0: 'completed', k1: 'failed' });
    const stopped = await settle(store, parentId);
    expect(stopped).toMatchObject({ needsSweep: true, progress: { status: 'running', sealed: true } });
    expect((await claimTasks(store)).children).toEqual([]);
    expect(await store.explain(parentId)).toMatchObject({
      reasons: [{ code: 'cancelling' }, { code: 'children_running' }, { code: 'children_pending' }],
      stop_reason: 'too_many_failed',
      stopped_at: expect.any(String),
    });

    const { progress } = await sweepToEnd(store, parentId, 2);
    expect(progress.status).toBe('failed');
    expect(countsOf(progress)).toEqual(counts({ completed: 1, failed: 1, cancelled: 3 }));
    expect(await store.getJob(parentId)).toMatchObject({ error: { error_code: 'too_many_failed' } });
    expect(await toldOf(store, parentId)).toEqual(['1 JOB_STARTED', '2 JOB_FAILED']);
  });

  test('continue: nothing but the end ends it', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['open', ...numbered(100, 'bad')]);
    await reportKeys(store, parentId, outcome(0, 100));
    expect(await settle(store, parentId)).toMatchObject({
      needsSweep: false,
      progress: { status: 'running', sealed: false },
    });
  });

  test('a number: so many may fail, and one more ends it', async () => {
    const { store } = harness();
    const ends = outcome(1, 3);
    const policy = { failurePolicy: { max_failed: 2 } };
    const parentId = await parentWith(store, ['open', ...Object.keys(ends)], policy);
    await reportKeys(store, parentId, { bad0: 'failed', bad1: 'failed' });
    expect(await settle(store, parentId)).toMatchObject({ needsSweep: false });
    await reportKeys(store, parentId, { bad2: 'failed', good0: 'completed' });
    expect(await settle(store, parentId)).toMatchObject({ needsSweep: true });
    const { progress } = await sweepToEnd(store, parentId);
    expect(countsOf(progress)).toEqual(counts({ completed: 1, failed: 3, cancelled: 1 }));
    expect(progress.status).toBe('failed');
  });

  test('a share: it counts from twenty ended children on', async () => {
    const { store } = harness();
    const policy = { failurePolicy: { max_failed: '10%' } };
    const parentId = await parentWith(store, ['open', 'bad', ...Object.keys(outcome(18, 3))], policy);
    await reportKeys(store, parentId, outcome(16, 3));
    expect(await settle(store, parentId)).toMatchObject({ needsSweep: false });
    await reportKeys(store, parentId, { good16: 'completed' });
    // Three of twenty, but none of them just now: the next one ends it, or the end does.
    expect(await settle(store, parentId)).toMatchObject({ needsSweep: false });
    await reportKeys(store, parentId, { bad: 'failed' });
    expect(await settle(store, parentId)).toMatchObject({ needsSweep: true });
  });

  test.each([
    ['just that share', outcome(3, 1), 'completed'],
    ['more than that', outcome(3, 2), 'failed'],
  ] as const)('a share of few children counts at the end: %s', async (_, ends, status) => {
    const { store } = harness();
    const parentId = await endedWith(store, ends, { failurePolicy: { max_failed: '25%' } });
    const code = status === 'failed' ? { error_code: 'too_many_failed' } : null;
    expect(await store.getJob(parentId)).toMatchObject({ status, error: code });
    expect(await toldOf(store, parentId)).toEqual(['1 JOB_STARTED', `2 JOB_${status.toUpperCase()}`]);
  });

  test('its failed children can be retried: what failed before does not stop what is retried', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b', 'c'], { failurePolicy: 'fail_fast' });
    await claimTasks(store);
    await reportKeys(store, parentId, { a: 'failed', b: 'failed' });
    await sweepToEnd(store, parentId);
    await store.requestRetryFailed(parentId);
    // Half swept, one of them is still `failed`.
    await store.sweep(parentId, 1);
    expect(await settle(store, parentId)).toMatchObject({ progress: { status: 'running' } });
    await sweepToEnd(store, parentId);
    expect((await claimTasks(store)).children).toHaveLength(2);
    await reportKeys(store, parentId, { a: 'completed', b: 'completed' });
    const { progress } = await settle(store, parentId);
    expect(progress.status).toBe('completed');
    expect(countsOf(progress)).toEqual(counts({ completed: 2, cancelled: 1 }));
  });

  test('while a retry is under way, what still waits for it counts for nothing', async () => {
    const { store } = harness();
    const policy = { failurePolicy: { max_failed: 1 } };
    const parentId = await parentWith(store, ['a', 'b', 'open'], policy);
    await claimTasks(store);
    await reportKeys(store, parentId, { a: 'failed', b: 'failed' });
    await sweepToEnd(store, parentId);
    await store.requestRetryFailed(parentId);
    await store.sweep(parentId, 1);
    const [again] = (await claimTasks(store)).children;
    await reportKeys(store, parentId, { [again?.key ?? '']: 'failed' });
    await settle(store, parentId);
    expect(await store.sweep(parentId, 10)).toMatchObject([{ from: 'failed', to: 'pending' }]);
    expect((await settle(store, parentId)).progress).toMatchObject({ status: 'running', failed_children: 1 });
  });

  test('retried one by one, it ends as failed as long as too many have', async () => {
    const { store } = harness();
    const parentId = await endedWith(store, { a: 'failed', b: 'failed' }, { failurePolicy: 'fail_fast' });
    await store.retryChild(await childId(store, parentId, 'a'));
    expect(await settle(store, parentId)).toMatchObject({
      needsSweep: false,
      progress: { status: 'running' },
    });
    await claimTasks(store);
    await reportKeys(store, parentId, { a: 'completed' });
    expect((await settle(store, parentId)).progress.status).toBe('failed');
    await store.retryChild(await childId(store, parentId, 'b'));
    await claimTasks(store);
    await reportKeys(store, parentId, { b: 'completed' });
    expect((await settle(store, parentId)).progress.status).toBe('completed');
    expect(await toldOf(store, parentId)).toHaveLength(6);
  });

  test('one that fails while another is retried ends it, though the counts are the same', async () => {
    const { store } = harness();
    const ends = { a: 'failed', b: 'completed' } as const;
    const parentId = await endedWith(store, ends, { failurePolicy: { max_failed: 0 } });
    const b = await childId(store, parentId, 'a');
    await store.retryChild(b);
    await claimTasks(store);
    await settle(store, parentId);
    await store.report([{ jobId: b, status: 'failed', attempt: 3 }]);
    const { progress } = await settle(store, parentId);
    expect(progress.status).toBe('failed');

    const other = await parentWith(store, ['a', 'b', 'open'], { failurePolicy: 'fail_fast' });
    await reportKeys(store, other, { a: 'failed' });
    await sweepToEnd(store, other);
    await store.retryChild(await childId(store, other, 'a'));
    await store.retryChild(await childId(store, other, 'b'));
    await settle(store, other);
    await claimTasks(store);
    await reportKeys(store, other, { a: 'failed' });
    await sweepToEnd(store, other);
    await store.retryChild(await childId(store, other, 'b'));
    await settle(store, other);
    await claimTasks(store);
    // In one fold one more has failed, and one fewer.
    await store.retryChild(await childId(store, other, 'a'));
    await reportKeys(store, other, { b: 'failed' });
    expect(await settle(store, other)).toMatchObject({ needsSweep: true });
  });

  test('a cancel that came before is what ends it', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b'], { failurePolicy: 'fail_fast' });
    await claimTasks(store, 1);
    await store.requestCancel(parentId);
    await reportKeys(store, parentId, { a: 'failed' });
    expect((await sweepToEnd(store, parentId)).progress.status).toBe('cancelled');
  });
}
