import {
  failedFamily,
  failedPair,
  idsOf,
  nestedWith,
  sealAll,
  settleUp,
  statusesOf,
  sweepUp,
  TWO_RUNS,
  threeDeep,
} from './family.ts';
import type { JobStoreHarness } from './harness.ts';
import { childId, claimTasks, end, foldOnce, parentWith, refusal, reportKeys, toldOf } from './scene.ts';

export function describeNestingRetryingBelow(harness: () => JobStoreHarness): void {
  test('a retry of a nested one alone opens the ended ones around it, without a change of theirs', async () => {
    const { store, passTime } = harness();
    const family = await failedFamily(store);
    const [outer, middle, inner] = family;
    await passTime(1_000);
    expect(idsOf(await store.requestRetryFailed(inner))).toEqual([inner]);
    await store.sweep(inner, 10);
    expect(await statusesOf(store, family)).toEqual(Array(3).fill('failed'));
    await settleUp(store, outer, middle, inner);
    expect(await statusesOf(store, family)).toEqual(Array(3).fill('running'));
    await claimTasks(store);
    await end(store, inner);
    await settleUp(store, outer, middle, inner);
    for (const parentId of family) expect(await toldOf(store, parentId)).toEqual(TWO_RUNS);
  });

  test('what stopped or gave up those around it does not stick', async () => {
    const { store } = harness();
    const family = await threeDeep(store, ['x', 'y']);
    const [outer, , inner] = family;
    await reportKeys(store, inner, { x: 'failed' });
    await settleUp(store, ...family);
    await store.requestCancel(outer);
    await sweepUp(store, family);
    expect(await statusesOf(store, family)).toEqual(Array(3).fill('cancelled'));
    await store.retryChild(await childId(store, inner, 'y'));
    for (const parentId of family) {
      expect(await store.explain(parentId)).toMatchObject({ stopped_at: null, stop_reason: null });
    }
    const { needsSweep } = await settleUp(store, ...family);
    expect(needsSweep).toBe(false);
    expect(await statusesOf(store, family)).toEqual(Array(3).fill('running'));
    expect((await claimTasks(store)).children).toMatchObject([{ key: 'y' }]);
    await reportKeys(store, inner, { y: 'completed' });
    await settleUp(store, ...family);
    expect(await statusesOf(store, family)).toEqual(Array(3).fill('completed'));
  });

  test('the deadlines of those around it count from the retry', async () => {
    const { store, passTime } = harness();
    const family = await threeDeep(store, ['x'], { deadlineMs: 60_000 });
    const [outer, middle, inner] = family;
    await sealAll(store, family);
    await reportKeys(store, inner, { x: 'failed' });
    await settleUp(store, ...family);
    await passTime(120_000);
    expect(await store.expireDeadlines(10)).toEqual([]);
    await store.retryChild(await childId(store, inner, 'x'));
    // Before it shows further out.
    for (const id of [outer, middle]) expect(await foldOnce(store, id)).toMatchObject({ changed: false });
    await settleUp(store, ...family);
    expect(await store.expireDeadlines(10)).toEqual([]);
    await passTime(120_000);
    expect(idsOf(await store.expireDeadlines(10))).toEqual([...family].sort());
    await sweepUp(store, family);
    expect(await store.getJob(outer)).toMatchObject({ error: { error_code: 'deadline_exceeded' } });
  });

  test('the outer one runs on meanwhile, in the same run', async () => {
    const { store } = harness();
    const outer = await parentWith(store, ['a']);
    const nested = await nestedWith(store, outer, ['x'], { sealed: true });
    await reportKeys(store, nested, { x: 'failed' });
    await settleUp(store, outer, nested);
    await store.retryChild(await childId(store, nested, 'x'));
    await settleUp(store, outer, nested);
    expect(await statusesOf(store, [outer, nested])).toEqual(['running', 'running']);
    expect(await toldOf(store, outer)).toEqual(['1 JOB_STARTED']);
    expect(await toldOf(store, nested)).toEqual(TWO_RUNS.slice(0, 3));
  });

  test('one around it that goes on stays as it was told to be', async () => {
    const { store } = harness();
    const outer = await parentWith(store, ['a'], { deadlineMs: 60_000 });
    const nested = await nestedWith(store, outer, ['x'], { sealed: true });
    await claimTasks(store);
    await store.pause(outer);
    await reportKeys(store, nested, { x: 'failed' });
    await settleUp(store, outer, nested);
    expect(await statusesOf(store, [outer, nested])).toEqual(['paused', 'failed']);
    await harness().passTime(120_000);
    await store.retryChild(await childId(store, nested, 'x'));
    await settleUp(store, outer, nested);
    expect(await statusesOf(store, [outer, nested])).toEqual(['paused', 'running']);
    expect((await claimTasks(store)).children).toMatchObject([{ key: 'x' }]);
    expect(idsOf(await store.expireDeadlines(10))).toEqual([outer]);
  });

  test('nothing is retried below what is being stopped', async () => {
    const { store } = harness();
    const family = await threeDeep(store, ['x', 'y'], { sealed: false });
    const [outer, middle, inner] = family;
    await reportKeys(store, inner, { x: 'failed' });
    await settleUp(store, ...family);
    await store.requestCancel(outer);
    const child = await childId(store, inner, 'x');
    expect(await refusal(store.retryChild(child))).toBe('job_cancelling');
    expect(await refusal(store.requestRetryFailed(inner))).toBe('job_cancelling');
    expect(await refusal(store.requestRetryFailed(middle))).toBe('job_cancelling');
  });

  test('a nested one is no child that could be retried by itself', async () => {
    const { store } = harness();
    const { outer, nested } = await failedPair(store);
    expect(await refusal(store.retryChild(nested))).toBe('not_a_child');
    expect((await foldOnce(store, outer)).changed).toBe(false);
  });
}
