import { MAX_ATTEMPTS } from '@progeny/core';
import type { JobStoreHarness } from './harness.ts';
import {
  childByKey,
  childId,
  claimTasks,
  counts,
  countsOf,
  endedWith,
  parentWith,
  refusal,
  reportKeys,
  reportOutcomes,
  settle,
  sweepToEnd,
} from './scene.ts';

/** What the run before left behind does not hold for the next. */
export function describeRetryingAfresh(harness: () => JobStoreHarness): void {
  test('the parent is as in its first run', async () => {
    const { store, passTime } = harness();
    const parentId = await endedWith(store, { a: 'failed' });
    const before = await store.getJob(parentId);
    expect(before).toMatchObject({ status: 'failed', run: 1, error: { error_code: 'no_child_succeeded' } });
    await passTime(60_000);
    await store.requestRetryFailed(parentId);
    await settle(store, parentId);
    const after = await store.getJob(parentId);
    expect(after).toMatchObject({ status: 'running', run: 2, error: null, finished_at: null });
    expect(Date.parse(after?.started_at ?? '')).toBeGreaterThan(Date.parse(before?.started_at ?? ''));
  });

  test('the mark of a cancel does not stick, nor does a pause', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b']);
    await claimTasks(store);
    await reportKeys(store, parentId, { a: 'failed' });
    await store.requestCancel(parentId);
    expect((await sweepToEnd(store, parentId)).progress.status).toBe('cancelled');
    await store.requestRetryFailed(parentId);
    const { progress } = await sweepToEnd(store, parentId);
    expect(countsOf(progress)).toEqual(counts({ pending: 1, cancelled: 1 }));
    expect((await claimTasks(store)).children).toMatchObject([{ key: 'a' }]);
    await reportKeys(store, parentId, { a: 'completed' });
    expect((await settle(store, parentId)).progress.status).toBe('completed');

    const paused = await parentWith(store, ['a'], { sealed: true });
    await claimTasks(store);
    await store.pause(paused);
    await reportKeys(store, paused, { a: 'failed' });
    expect((await settle(store, paused)).progress.status).toBe('failed');
    await store.requestRetryFailed(paused);
    await sweepToEnd(store, paused);
    expect((await claimTasks(store)).children).toMatchObject([{ parent_id: paused }]);
  });

  test('the budget of attempts is fresh, and late reports of the old run change nothing', async () => {
    const { store, makeDue } = harness();
    const parentId = await parentWith(store, ['a'], { sealed: true });
    const jobId = await childId(store, parentId, 'a');
    const failUntilTheEnd = async () => {
      const outcomes: string[] = [];
      for (let tries = 0; tries < MAX_ATTEMPTS; tries++) {
        await makeDue();
        const attempt = (await claimTasks(store)).children[0]?.attempt ?? 0;
        outcomes.push(
          ...(await reportOutcomes(store, [{ jobId, attempt, status: 'failed', retryable: true }])),
        );
      }
      return outcomes;
    };
    expect(await failUntilTheEnd()).toEqual(['retrying', 'retrying', 'applied']);
    await settle(store, parentId);
    await store.requestRetryFailed(parentId);
    await store.sweep(parentId, 10);
    for (const status of ['completed', 'failed'] as const) {
      expect(await reportOutcomes(store, [{ jobId, status, attempt: MAX_ATTEMPTS }])).toEqual([
        'stale_attempt',
      ]);
    }
    expect(await childByKey(store, parentId, 'a')).toMatchObject({ status: 'pending', run: 2 });
    expect(await failUntilTheEnd()).toEqual(['retrying', 'retrying', 'applied']);
    expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ failed: 1 }));
  });

  test('nor does it stick that nobody sealed the parent in time; it stays sealed', async () => {
    const { store, expireSealTimeouts } = harness();
    const parentId = await parentWith(store, ['a', 'b']);
    await reportKeys(store, parentId, { a: 'completed', b: 'failed' });
    await settle(store, parentId);
    await expireSealTimeouts();
    await store.expireSeals(10);
    expect((await settle(store, parentId)).progress.status).toBe('failed');
    await store.requestRetryFailed(parentId);
    await sweepToEnd(store, parentId);
    expect(await refusal(store.addChildren(parentId, []))).toBe('job_sealed');
    await reportKeys(store, parentId, { b: 'completed' });
    expect((await settle(store, parentId)).progress.status).toBe('completed');
  });
}
