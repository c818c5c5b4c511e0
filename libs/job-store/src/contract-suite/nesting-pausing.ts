import { asChild, idsOf, nestedWith, sealAll, settleUp, statusesOf, sweepUp, threeDeep } from './family.ts';
import type { JobStoreHarness } from './harness.ts';
import { claimTasks, parentWith, refusal, reportKeys } from './scene.ts';

export function describeNestingPausing(harness: () => JobStoreHarness): void {
  test('a pause reaches all that is nested at once, and so does the resume', async () => {
    const { store } = harness();
    const family = await threeDeep(store, ['x']);
    const [outer, middle, inner] = family;
    const paused = await store.pause(outer);
    expect(idsOf(paused)).toEqual([...family].sort());
    for (const { from, to } of paused) expect(from).toBe(to);
    expect(paused.find(({ job_id }) => job_id === inner)).toMatchObject({
      parent_id: middle,
      is_parent: true,
    });
    expect((await claimTasks(store)).children).toEqual([]);
    await settleUp(store, ...family);
    expect(await statusesOf(store, family)).toEqual(Array(3).fill('paused'));
    expect(await asChild(store, outer, middle)).toMatchObject({
      status: 'running',
      progress_stage: 'paused',
    });
    expect(await store.pause(outer)).toEqual([]);

    expect(idsOf(await store.resume(outer))).toEqual([...family].sort());
    expect(await store.resume(outer)).toEqual([]);
    await settleUp(store, ...family);
    expect(await statusesOf(store, family)).toEqual(Array(3).fill('running'));
    expect((await claimTasks(store)).children).toMatchObject([{ key: 'x' }]);
  });

  test('a pause of a nested one alone leaves the outer one, and so does the resume', async () => {
    const { store } = harness();
    const outer = await parentWith(store, ['a']);
    const nested = await nestedWith(store, outer, ['x']);
    expect(idsOf(await store.pause(nested))).toEqual([nested]);
    expect((await claimTasks(store)).children).toMatchObject([{ key: 'a' }]);
    expect(await store.resume(outer)).toEqual([]);
    expect(idsOf(await store.pause(outer))).toEqual([outer]);
    expect(idsOf(await store.resume(nested))).toEqual([nested]);
    expect(await store.pause(outer)).toEqual([]);
    expect((await claimTasks(store)).children).toMatchObject([{ key: 'x' }]);
    expect(idsOf(await store.resume(outer))).toEqual([outer]);
  });

  test('a pause leaves alone what has ended or is being stopped', async () => {
    const { store } = harness();
    const outer = await parentWith(store);
    const done = await nestedWith(store, outer, [], { sealed: true });
    const stopped = await nestedWith(store, outer, ['x']);
    await settleUp(store, outer, done, stopped);
    await store.requestCancel(stopped);
    expect(idsOf(await store.pause(outer))).toEqual([outer]);
    expect(idsOf(await store.resume(outer))).toEqual([outer]);
    expect(await refusal(store.pause(stopped))).toBe('job_cancelling');
    expect(await refusal(store.pause(done))).toBe('job_ended');
  });

  test('a pause reaches a nested one that is about to run again, and what is nested in it', async () => {
    const { store } = harness();
    const family = await threeDeep(store, ['x'], { sealed: false });
    const [outer, middle, inner] = family;
    await sealAll(store, [middle, inner]);
    await reportKeys(store, inner, { x: 'failed' });
    await settleUp(store, ...family);
    expect(await statusesOf(store, family)).toEqual(['running', 'failed', 'failed']);
    await store.requestRetryFailed(inner);
    expect(idsOf(await store.pause(outer))).toEqual([outer, inner].sort());
    await store.sweep(inner, 10);
    expect((await claimTasks(store)).children).toEqual([]);
    await settleUp(store, ...family);
    expect(await statusesOf(store, [outer, inner])).toEqual(['paused', 'paused']);
  });

  test('a cancel of the outer one takes the pauses away', async () => {
    const { store } = harness();
    const family = await threeDeep(store, ['x']);
    await store.pause(family[0]);
    await settleUp(store, ...family);
    await store.requestCancel(family[0]);
    expect((await sweepUp(store, family)).progress.status).toBe('cancelled');
    expect(await statusesOf(store, family)).toEqual(Array(3).fill('cancelled'));
  });
}
