import type { JobStoreHarness } from './harness.ts';
import {
  brief,
  childByKey,
  childId,
  claimTasks,
  counts,
  countsOf,
  end,
  inputs,
  lifecycleOf,
  numbered,
  parentWith,
  refusal,
  reportOutcomes,
  settle,
  sweepToEnd,
  UNKNOWN_ID,
} from './scene.ts';

export function describeCancelling(harness: () => JobStoreHarness): void {
  test('a cancelled parent ends when its open children are swept, the ended ones stay', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, numbered(6));
    await claimTasks(store, 3);
    const done = await childId(store, parentId, 'k0');
    await store.report([{ jobId: done, status: 'completed', attempt: 1 }]);
    expect(await store.requestCancel(parentId)).toEqual([
      expect.objectContaining({ job_id: parentId, parent_id: null }),
    ]);
    expect(await settle(store, parentId)).toMatchObject({
      needsSweep: true,
      progress: { sealed: true, status: 'running' },
    });
    expect((await store.sweep(parentId, 4)).map(({ to }) => to)).toEqual(Array(4).fill('cancelled'));
    expect(await settle(store, parentId)).toMatchObject({
      needsSweep: true,
      progress: { status: 'running' },
    });
    expect(await store.sweep(parentId, 4)).toHaveLength(1);
    const { progress, needsSweep } = await settle(store, parentId);
    expect(needsSweep).toBe(false);
    expect(progress).toMatchObject({ status: 'cancelled', progress_percentage: 100 });
    expect(countsOf(progress)).toEqual(counts({ completed: 1, cancelled: 5 }));
    expect(await childByKey(store, parentId, 'k1')).toMatchObject({
      status: 'cancelled',
      attempt: 1,
      finished_at: expect.any(String),
    });
    expect(await store.sweep(parentId, 4)).toEqual([]);
  });

  test('before any children stood it ends at once', async () => {
    const { store } = harness();
    const parentId = await parentWith(store);
    await store.requestCancel(parentId);
    expect(await store.findUnfolded(10)).toEqual([parentId]);
    expect((await settle(store, parentId)).progress).toMatchObject({
      status: 'cancelled',
      total_children: 0,
    });
    expect(await refusal(store.addChildren(parentId, inputs('late')))).toBe('job_ended');
  });

  test('twice is the same answer as before', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a']);
    expect(await store.requestCancel(parentId)).toEqual([
      expect.objectContaining({ job_id: parentId, parent_id: null }),
    ]);
    expect(await store.requestCancel(parentId)).toEqual([]);
    await sweepToEnd(store, parentId);
    expect(await store.requestCancel(parentId)).toEqual([]);
  });

  test('what has ended otherwise, is a child or does not exist, cannot be cancelled', async () => {
    const { store } = harness();
    const completed = await parentWith(store, ['a'], { sealed: true });
    await end(store, completed);
    await settle(store, completed);
    expect(await refusal(store.requestCancel(completed))).toBe('job_ended');
    expect(await refusal(store.requestCancel(await childId(store, completed, 'a')))).toBe('not_a_parent');
    expect(await refusal(store.requestCancel(UNKNOWN_ID))).toBe('job_not_found');
  });

  test('a sweep touches nothing of a parent that was not cancelled', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a']);
    expect(await store.sweep(parentId, 10)).toEqual([]);
    expect(await store.sweep(UNKNOWN_ID, 10)).toEqual([]);
    expect(await childByKey(store, parentId, 'a')).toMatchObject({ status: 'pending' });
  });

  test('sweeps beside each other share no child, and none stops short of its limit', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, numbered(40));
    await store.requestCancel(parentId);
    const sweeps = await Promise.all(numbered(6).map(() => store.sweep(parentId, 5)));
    expect(sweeps.map((changes) => changes.length)).toEqual(Array(6).fill(5));
    expect(new Set(sweeps.flat().map(({ job_id }) => job_id)).size).toBe(30);
  });

  test('running children are swept first: somebody works on them for nothing', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b', 'c', 'd']);
    const jobId = await childId(store, parentId, 'c');
    await store.report([{ jobId, status: 'running', attempt: 1 }]);
    await store.requestCancel(parentId);
    expect(await store.sweep(parentId, 1)).toMatchObject([{ job_id: jobId, from: 'running' }]);
    expect((await store.sweep(parentId, 2)).map(brief)).toEqual(Array(2).fill('pending -> cancelled'));
  });

  test('a cancelled parent that nobody sweeps is found by the backup poll', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a']);
    await store.requestCancel(parentId);
    await settle(store, parentId);
    expect(await store.findUnfolded(10)).toEqual([parentId]);
    await sweepToEnd(store, parentId);
    expect(await store.findUnfolded(10)).toEqual([]);
  });

  test('a child that ends between the cancel and the sweep has ended as it says', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b']);
    const { children } = await claimTasks(store, 1);
    await store.requestCancel(parentId);
    const report = { jobId: children[0]?.job_id ?? '', status: 'completed' as const, attempt: 1 };
    expect(await reportOutcomes(store, [report])).toEqual(['applied']);
    const { progress } = await sweepToEnd(store, parentId);
    expect(progress.status).toBe('cancelled');
    expect(countsOf(progress)).toEqual(counts({ completed: 1, cancelled: 1 }));
  });

  test('a swept child stays cancelled, whatever is reported later', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a']);
    const { children } = await claimTasks(store);
    await store.requestCancel(parentId);
    expect((await store.sweep(parentId, 10)).map(brief)).toEqual(['running -> cancelled']);
    const report = { jobId: children[0]?.job_id ?? '', status: 'completed' as const, attempt: 1 };
    expect(await reportOutcomes(store, [report])).toEqual(['illegal_transition']);
    expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ cancelled: 1 }));
  });

  test('a parent whose children keep coming in beside the cancel still ends', async () => {
    const { store, truth } = harness();
    for (let round = 0; round < 5; round++) {
      const parentId = await parentWith(store, numbered(4));
      const { children } = await claimTasks(store);
      const [cancel, add] = await Promise.allSettled([
        store.requestCancel(parentId),
        store.addChildren(parentId, inputs(...numbered(5, 'added'))),
        store.sweep(parentId, 100),
        ...children.map(({ job_id }) =>
          store.report([
            { jobId: job_id, status: 'completed', attempt: 1, children: inputs(`of-${job_id}`) },
          ]),
        ),
        store.fold([parentId]),
      ]);
      expect(cancel.status).toBe('fulfilled');
      if (add.status === 'rejected') expect(add.reason).toMatchObject({ code: 'job_ended' });
      const { progress } = await sweepToEnd(store, parentId, 3);
      expect(progress.status).toBe('cancelled');
      expect(countsOf(progress)).toEqual(await truth(parentId));
      expect(progress.pending_children + progress.running_children).toBe(0);
      const lifecycle = await lifecycleOf(store, parentId);
      expect(lifecycle.map(({ type }) => type)).toEqual(['JOB_STARTED', 'JOB_CANCELLED']);
    }
  });
}
