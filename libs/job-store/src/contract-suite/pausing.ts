import type { JobStoreHarness } from './harness.ts';
import {
  brief,
  childId,
  claimTasks,
  counts,
  countsOf,
  endedWith,
  inputs,
  outlineEvents,
  parentWith,
  refusal,
  reportKeys,
  settle,
  sweepToEnd,
  toldOf,
  UNKNOWN_ID,
} from './scene.ts';

export function describePausing(harness: () => JobStoreHarness): void {
  test('a paused parent gives out no children until it is resumed, and those that run may end', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b']);
    await claimTasks(store, 1);
    expect(await store.pause(parentId)).toMatchObject([{ job_id: parentId, parent_id: null }]);
    expect((await claimTasks(store)).children).toEqual([]);
    await reportKeys(store, parentId, { a: 'completed' });
    const paused = await settle(store, parentId);
    expect(paused.progress.status).toBe('paused');
    expect(countsOf(paused.progress)).toEqual(counts({ pending: 1, completed: 1 }));
    expect(paused.changes.map(brief)).toEqual(['pending -> paused']);

    expect(await store.resume(parentId)).toMatchObject([{ job_id: parentId, from: 'paused', to: 'paused' }]);
    const resumed = await settle(store, parentId);
    expect(resumed.progress.status).toBe('running');
    expect(outlineEvents(resumed.lifecycle)).toEqual(['1 JOB_STARTED']);
    expect((await claimTasks(store)).children).toMatchObject([{ key: 'b' }]);
  });

  test('others get their turn meanwhile', async () => {
    const { store } = harness();
    const paused = await parentWith(store, ['a', 'b'], { priority: 9 });
    const other = await parentWith(store, ['c']);
    await store.pause(paused);
    expect((await claimTasks(store, 1)).children).toMatchObject([{ parent_id: other }]);
    await store.resume(paused);
    expect((await claimTasks(store, 1)).children).toMatchObject([{ parent_id: paused }]);
  });

  test('children still come in, and wait', async () => {
    const { store } = harness();
    const parentId = await parentWith(store);
    await store.pause(parentId);
    await store.addChildren(parentId, inputs('a'));
    expect((await claimTasks(store)).children).toEqual([]);
    expect((await settle(store, parentId)).progress).toMatchObject({ status: 'paused', pending_children: 1 });
  });

  test('twice is harmless, and no change; so is a resume of what is not paused', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a']);
    expect(await store.resume(parentId)).toEqual([]);
    expect(await store.pause(parentId)).toHaveLength(1);
    expect(await store.pause(parentId)).toEqual([]);
    expect(await store.resume(parentId)).toHaveLength(1);
    expect(await store.resume(parentId)).toEqual([]);
  });

  test('it ends when the last of its running children does', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a'], { sealed: true });
    await claimTasks(store);
    await settle(store, parentId);
    await store.pause(parentId);
    expect((await settle(store, parentId)).progress.status).toBe('paused');
    await reportKeys(store, parentId, { a: 'completed' });
    expect((await settle(store, parentId)).progress.status).toBe('completed');
    expect(await toldOf(store, parentId)).toEqual(['1 JOB_STARTED', '2 JOB_COMPLETED']);
  });

  test('a cancel takes the pause away', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a']);
    await store.pause(parentId);
    await settle(store, parentId);
    await store.requestCancel(parentId);
    expect((await settle(store, parentId)).progress.status).toBe('running');
    const { reasons } = await store.explain(parentId);
    expect(reasons.map(({ code }) => code)).toEqual(['cancelling', 'children_pending']);
    expect((await sweepToEnd(store, parentId)).progress.status).toBe('cancelled');
    expect(await toldOf(store, parentId)).toEqual(['1 JOB_STARTED', '2 JOB_CANCELLED']);
  });

  test('what nobody was told of is found by the backup poll', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a']);
    for (const command of [store.pause, store.resume]) {
      await command(parentId);
      expect(await store.findUnfolded(10)).toEqual([parentId]);
      await settle(store, parentId);
      expect(await store.findUnfolded(10)).toEqual([]);
    }
  });

  test('what has ended, is being stopped, is a child or does not exist, cannot be paused', async () => {
    const { store } = harness();
    const ended = await endedWith(store, { a: 'completed' });
    const stopped = await parentWith(store, ['a']);
    await store.requestCancel(stopped);
    expect(await refusal(store.pause(ended))).toBe('job_ended');
    expect(await refusal(store.pause(stopped))).toBe('job_cancelling');
    expect(await refusal(store.pause(await childId(store, ended, 'a')))).toBe('not_a_parent');
    expect(await refusal(store.pause(UNKNOWN_ID))).toBe('job_not_found');
    expect(await refusal(store.resume(ended))).toBe('job_ended');
    expect(await store.resume(stopped)).toEqual([]);
    expect(await refusal(store.resume(await childId(store, ended, 'a')))).toBe('not_a_parent');
    expect(await refusal(store.resume(UNKNOWN_ID))).toBe('job_not_found');
  });

  test('what keeps it from its end is told', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a'], { sealed: true });
    await store.pause(parentId);
    await settle(store, parentId);
    const { reasons } = await store.explain(parentId);
    expect(reasons.map(({ code }) => code)).toEqual(['paused', 'children_pending']);
  });
}
