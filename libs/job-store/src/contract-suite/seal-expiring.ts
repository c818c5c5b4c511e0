import type { JobStoreHarness } from './harness.ts';
import {
  brief,
  claimTasks,
  counts,
  countsOf,
  end,
  inputs,
  numbered,
  parentWith,
  refusal,
  settle,
} from './scene.ts';

export function describeSealExpiring(harness: () => JobStoreHarness): void {
  /** Gives up whoever may be given up, all time-outs having run out. */
  const expire = async (limit = 10) => {
    await harness().expireSealTimeouts();
    return harness().store.expireSeals(limit);
  };

  test('a parent that nobody seals fails in the end, and says why', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b']);
    await end(store, parentId);
    await settle(store, parentId);
    expect(await expire()).toEqual([
      expect.objectContaining({ job_id: parentId, parent_id: null, from: 'running', to: 'running' }),
    ]);
    expect(await store.findUnfolded(10)).toEqual([parentId]);
    const { progress, lifecycle, changes } = await settle(store, parentId);
    expect(progress).toMatchObject({ status: 'failed', sealed: true, progress_percentage: 100 });
    expect(countsOf(progress)).toEqual(counts({ completed: 2 }));
    expect(changes.map(brief)).toEqual(['running -> failed']);
    const error = expect.objectContaining({ error_code: 'seal_timeout' });
    expect(lifecycle).toMatchObject([{ type: 'JOB_FAILED', payload: { error } }]);
    expect(await store.getJob(parentId)).toMatchObject({ status: 'failed', error });
  });

  test('so does one that never got a child', async () => {
    const { store } = harness();
    const parentId = await parentWith(store);
    expect(await expire()).toHaveLength(1);
    expect((await settle(store, parentId)).progress).toMatchObject({ status: 'failed', total_children: 0 });
  });

  test('not before its time, and never one without a time', async () => {
    const { store } = harness();
    await parentWith(store);
    expect(await store.expireSeals(10)).toEqual([]);
    const patient = await parentWith(store, [], { sealTimeoutMs: null });
    expect((await expire()).map(({ job_id }) => job_id)).not.toContain(patient);
  });

  test('not while a child is open, or a change is not counted', async () => {
    const { store } = harness();
    const pending = await parentWith(store, ['a']);
    expect(await expire()).toEqual([]);
    await claimTasks(store);
    await settle(store, pending);
    expect(await expire()).toEqual([]);
    await end(store, pending);
    expect(await expire()).toEqual([]);
    await settle(store, pending);
    expect(await expire()).toHaveLength(1);
  });

  test('not one that is sealed, cancelled or ended', async () => {
    const { store } = harness();
    const sealed = await parentWith(store, ['a'], { sealed: true });
    await end(store, sealed);
    const cancelled = await parentWith(store);
    await store.requestCancel(cancelled);
    for (const parentId of [sealed, cancelled]) await settle(store, parentId);
    expect(await expire()).toEqual([]);
  });

  test('once, and a seal that comes too late changes nothing', async () => {
    const { store } = harness();
    const parentId = await parentWith(store);
    expect(await expire()).toHaveLength(1);
    expect(await expire()).toEqual([]);
    expect(await store.seal(parentId)).toEqual([]);
    expect(await refusal(store.addChildren(parentId, inputs('late')))).toBe('job_sealed');
    expect((await settle(store, parentId)).progress.status).toBe('failed');
    expect(await refusal(store.addChildren(parentId, inputs('late')))).toBe('job_ended');
  });

  test('at most as many as asked for', async () => {
    const { store } = harness();
    for (const _ of numbered(3)) await parentWith(store);
    expect(await expire(2)).toHaveLength(2);
    expect(await expire(2)).toHaveLength(1);
  });

  test('a child that is added at that moment is counted, or refused: never lost', async () => {
    const { store, truth } = harness();
    for (const round of numbered(5)) {
      const parentId = await parentWith(store);
      await harness().expireSealTimeouts();
      const [add] = await Promise.allSettled([
        store.addChildren(parentId, inputs(round)),
        store.expireSeals(10),
        store.expireSeals(10),
      ]);
      if (add.status === 'rejected') expect(add.reason).toMatchObject({ code: 'job_sealed' });
      const { progress } = await settle(store, parentId);
      expect(countsOf(progress)).toEqual(await truth(parentId));
      expect(progress.status).toBe(add.status === 'rejected' ? 'failed' : 'pending');
      if (add.status === 'fulfilled') await store.seal(parentId);
    }
  });
}
