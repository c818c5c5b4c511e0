import type { JobStoreHarness } from './harness.ts';
import { claimTasks, counts, countsOf, end, numbered, parentWith, progressOf, settle } from './scene.ts';

export function describeAuditing(harness: () => JobStoreHarness): void {
  test('finds nothing where nothing is wrong, and notes the time as a new version', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b']);
    const { progress } = await settle(store, parentId);
    expect(await store.audit(10)).toEqual({ audited: 1, verified: [parentId], drifted: [] });
    const after = await progressOf(store, parentId);
    expect(after).toEqual({ ...progress, version: progress.version + 1, verified_at: expect.any(String) });
  });

  test('knows that what is unfolded is no drift', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, numbered(5));
    expect(await store.audit(10)).toMatchObject({ audited: 1, drifted: [] });
    await claimTasks(store, 2);
    await end(store, parentId);
    expect(await store.audit(10)).toMatchObject({ audited: 1, drifted: [] });
    expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ completed: 5 }));
  });

  test.each([
    { status: 'completed' as const, by: 2 },
    { status: 'pending' as const, by: -1 },
  ])('corrects a drift of $by $status as a new version', async (fault) => {
    const { store, corruptCounts } = harness();
    const parentId = await parentWith(store, numbered(5));
    const other = await parentWith(store, ['a']);
    await settle(store, other);
    const { progress: before } = await settle(store, parentId);
    await corruptCounts(parentId, fault);
    expect(await store.audit(10)).toMatchObject({ audited: 2, drifted: [parentId] });
    const { progress: after } = await settle(store, parentId);
    expect(after.version).toBeGreaterThan(before.version);
    expect(countsOf(after)).toEqual(counts({ pending: 5 }));
    expect(after.verified_at).not.toBeNull();
    expect(await store.audit(10)).toMatchObject({ audited: 2, drifted: [] });
  });

  test('a drift is corrected with changes still unfolded, and they are not counted twice', async () => {
    const { store, corruptCounts } = harness();
    const parentId = await parentWith(store, numbered(5));
    await settle(store, parentId);
    await claimTasks(store, 2);
    await corruptCounts(parentId, { status: 'failed', by: 3 });
    expect((await store.audit(10)).drifted).toEqual([parentId]);
    expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ pending: 3, running: 2 }));
  });

  test('frees a parent that a drift kept from its end', async () => {
    const { store, corruptCounts } = harness();
    const parentId = await parentWith(store, ['a'], { sealed: true });
    await settle(store, parentId);
    await corruptCounts(parentId, { status: 'running', by: 1 });
    await end(store, parentId);
    expect((await settle(store, parentId)).progress.status).toBe('running');
    expect((await store.audit(10)).drifted).toEqual([parentId]);
    expect(await store.findUnfolded(10)).toEqual([parentId]);
    const { progress, lifecycle } = await settle(store, parentId);
    expect(progress).toMatchObject({ status: 'completed', total_children: 1 });
    expect(lifecycle.at(-1)?.type).toBe('JOB_COMPLETED');
  });

  test('looks at an ended parent once more without a new version, and then no longer', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a'], { sealed: true });
    await settle(store, parentId);
    expect(await store.audit(10)).toMatchObject({ audited: 1 });
    await end(store, parentId);
    const { progress } = await settle(store, parentId);
    expect(await store.audit(10)).toEqual({ audited: 1, verified: [], drifted: [] });
    expect(await progressOf(store, parentId)).toEqual({ ...progress, verified_at: expect.any(String) });
    expect(await store.audit(10)).toMatchObject({ audited: 0 });
  });

  test('takes those first that were not looked at for longest', async () => {
    const { store } = harness();
    const parentIds = await Promise.all(numbered(5).map(() => parentWith(store, ['a'])));
    const verified = async () =>
      (await store.getProgress(parentIds)).filter(({ progress }) => progress.verified_at !== null).length;
    expect(await store.audit(2)).toMatchObject({ audited: 2 });
    expect(await verified()).toBe(2);
    await store.audit(2);
    expect(await verified()).toBe(4);
    await store.audit(2);
    expect(await verified()).toBe(5);
  });

  test('beside folds and reports finds no drift', async () => {
    const { store, truth } = harness();
    const parentId = await parentWith(store, numbered(20));
    const { children } = await claimTasks(store);
    const audits = await Promise.all(
      children.flatMap(({ job_id }) => [
        store.audit(10),
        store.report([{ jobId: job_id, status: 'completed', attempt: 1 }]).then(() => null),
        store.audit(10),
        store.fold([parentId]).then(() => null),
      ]),
    );
    expect(audits.flatMap((audit) => audit?.drifted ?? [])).toEqual([]);
    expect(countsOf((await settle(store, parentId)).progress)).toEqual(await truth(parentId));
  });
}
