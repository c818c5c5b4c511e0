import { asChild, nestedWith, sealAll, settleUp, statusesOf, threeDeep } from './family.ts';
import type { JobStoreHarness } from './harness.ts';
import {
  brief,
  claimTasks,
  counts,
  countsOf,
  end,
  foldOnce,
  lifecycleOf,
  parentWith,
  progressOf,
  reportKeys,
  settle,
  sweepToEnd,
  toldOf,
} from './scene.ts';

export function describeNestingCounts(harness: () => JobStoreHarness): void {
  test('what a nested parent goes to, it goes to in the counts around it', async () => {
    const { store, truth } = harness();
    const outer = await parentWith(store, [], { sealed: false });
    const nested = await nestedWith(store, outer, ['x', 'y'], { sealed: true });
    await store.seal(outer);
    await claimTasks(store);
    const started = await foldOnce(store, nested);
    expect(started.changes).toMatchObject([
      { job_id: nested, parent_id: outer, is_parent: true, from: 'pending', to: 'running', starts_run: true },
    ]);
    const running = await settle(store, outer);
    expect(running.progress.status).toBe('running');
    expect(countsOf(running.progress)).toEqual(counts({ running: 1 }));
    await end(store, nested);
    const ended = await settle(store, nested);
    expect(ended.changes.map(brief)).toEqual(['running -> completed']);
    expect((await progressOf(store, outer)).status).toBe('running');
    const { progress, changes } = await settle(store, outer);
    expect(changes).toMatchObject([{ job_id: outer, parent_id: null, from: 'running', to: 'completed' }]);
    expect(progress).toMatchObject({ status: 'completed', progress_percentage: 100 });
    expect(countsOf(progress)).toEqual(counts({ completed: 1 }));
    expect(await truth(outer)).toEqual(counts({ completed: 1 }));
    expect(await toldOf(store, outer)).toEqual(['1 JOB_STARTED', '2 JOB_COMPLETED']);
  });

  test('its lifecycle says what it is nested in, that of the outermost does not', async () => {
    const { store } = harness();
    const outer = await parentWith(store);
    const nested = await nestedWith(store, outer, ['x'], { sealed: true });
    await end(store, nested);
    await store.seal(outer);
    const { lifecycle } = await settle(store, nested);
    expect(lifecycle.map(({ type }) => type)).toEqual(['JOB_STARTED', 'JOB_COMPLETED']);
    for (const { payload } of lifecycle) {
      expect(payload).toMatchObject({ parent_id: outer, is_parent: true, operation_type: 'custom' });
    }
    expect(await lifecycleOf(store, nested)).toEqual(lifecycle);
    await settle(store, outer);
    for (const { payload } of await lifecycleOf(store, outer)) {
      expect(payload.parent_id).toBeNull();
      expect(payload).not.toHaveProperty('is_parent');
    }
  });

  test('paused it counts as running, and between the two nothing moves', async () => {
    const { store, truth } = harness();
    const outer = await parentWith(store);
    const nested = await nestedWith(store, outer, ['x', 'y']);
    await claimTasks(store, 1);
    const before = (await settleUp(store, outer, nested)).progress;
    await store.pause(nested);
    const paused = await foldOnce(store, nested);
    expect(paused.changes.map(brief)).toEqual(['running -> paused']);
    expect(await foldOnce(store, outer)).toMatchObject({ changed: false, progress: before });
    expect(await truth(outer)).toEqual(counts({ running: 1 }));
    expect(await store.audit(10)).toMatchObject({ audited: 2, drifted: [] });
    await store.resume(nested);
    expect((await foldOnce(store, nested)).changes.map(brief)).toEqual(['paused -> running']);
    expect((await foldOnce(store, outer)).changed).toBe(false);
  });

  test('failed it is a failed child, which a policy may find too many', async () => {
    const { store } = harness();
    const outer = await parentWith(store, ['a'], { failurePolicy: 'fail_fast' });
    const nested = await nestedWith(store, outer, ['x'], { sealed: true });
    await reportKeys(store, nested, { x: 'failed' });
    expect((await settle(store, nested)).progress.status).toBe('failed');
    const { progress } = await sweepToEnd(store, outer);
    expect(progress.status).toBe('failed');
    expect(countsOf(progress)).toEqual(counts({ failed: 1, cancelled: 1 }));
    expect(await store.getJob(outer)).toMatchObject({ error: { error_code: 'too_many_failed' } });
  });

  test('no parent ends before one that is nested in it, without a child of its own though that be', async () => {
    const { store } = harness();
    const outer = await parentWith(store, ['a']);
    const nested = await nestedWith(store, outer);
    await store.seal(outer);
    await end(store, outer);
    const open = await settleUp(store, outer, nested);
    expect(open.progress).toMatchObject({ status: 'running', progress_percentage: 50 });
    expect((await store.explain(outer)).reasons.map(({ code }) => code)).toEqual(['children_pending']);
    expect(await store.seal(nested)).toMatchObject([
      { job_id: nested, parent_id: outer, is_parent: true, from: 'pending', to: 'pending' },
    ]);
    const { progress } = await settleUp(store, outer, nested);
    expect(progress.status).toBe('completed');
    expect(countsOf(progress)).toEqual(counts({ completed: 2 }));
  });

  test('it is given up without a seal by itself, and the one around it hears of that', async () => {
    const { store, expireSealTimeouts } = harness();
    const outer = await parentWith(store, [], { sealTimeoutMs: null });
    const nested = await nestedWith(store, outer);
    await store.seal(outer);
    await settleUp(store, outer, nested);
    await expireSealTimeouts();
    expect(await store.expireSeals(10)).toMatchObject([{ job_id: nested, parent_id: outer }]);
    const { progress } = await settleUp(store, outer, nested);
    expect(progress).toMatchObject({ status: 'failed', failed_children: 1 });
  });

  test('an outer one that waits for a nested one is not given up', async () => {
    const { store, expireSealTimeouts } = harness();
    const outer = await parentWith(store);
    const nested = await nestedWith(store, outer, ['x'], { sealTimeoutMs: null });
    await settleUp(store, outer, nested);
    await expireSealTimeouts();
    expect(await store.expireSeals(10)).toEqual([]);
  });

  test('every step is found by the backup poll, from the innermost to the outermost', async () => {
    const { store } = harness();
    const family = await threeDeep(store, ['x']);
    await sealAll(store, family);
    await settleUp(store, ...family);
    await end(store, family[2]);
    for (const parentId of family.toReversed()) {
      expect(await store.findUnfolded(10)).toEqual([parentId]);
      await settle(store, parentId);
    }
    expect(await store.findUnfolded(10)).toEqual([]);
    expect(await statusesOf(store, family)).toEqual(Array(3).fill('completed'));
  });

  test.each([
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
    [0, 2, 1],
  ])('in whatever order they are folded (%i, %i, %i), three levels come to the same', async (...order) => {
    const { store, truth } = harness();
    const family = await threeDeep(store, ['x', 'y']);
    await sealAll(store, family);
    const foldAll = async () => {
      for (let round = 0; round < 4; round++) {
        for (const index of order) await foldOnce(store, family[index] ?? '');
      }
    };
    await foldAll();
    await claimTasks(store);
    await foldAll();
    expect(await statusesOf(store, family)).toEqual(Array(3).fill('running'));
    await reportKeys(store, family[2], { x: 'failed', y: 'failed' });
    await foldAll();
    expect(await statusesOf(store, family)).toEqual(Array(3).fill('failed'));
    for (const parentId of family) {
      expect(await toldOf(store, parentId)).toEqual(['1 JOB_STARTED', '2 JOB_FAILED']);
      expect(countsOf(await progressOf(store, parentId))).toEqual(await truth(parentId));
    }
  });

  test('folded all at once and by several, they end once each', async () => {
    const { store } = harness();
    const family = await threeDeep(store, ['x', 'y']);
    await sealAll(store, family);
    await end(store, family[2]);
    for (let round = 0; round < 4; round++) {
      await Promise.all([store.fold(family), store.fold(family), store.fold([...family].reverse())]);
    }
    await settleUp(store, ...family);
    expect(await statusesOf(store, family)).toEqual(Array(3).fill('completed'));
    for (const parentId of family) {
      expect(await toldOf(store, parentId)).toEqual(['1 JOB_STARTED', '2 JOB_COMPLETED']);
    }
  });

  test('the log of the outer one has a line for each of its moves', async () => {
    const { store } = harness();
    const outer = await parentWith(store);
    const nested = await nestedWith(store, outer, ['x', 'y'], { sealed: true });
    await settleUp(store, outer, nested);
    await claimTasks(store);
    await settleUp(store, outer, nested);
    await end(store, nested);
    await settleUp(store, outer, nested);
    const { lines } = await store.listLog(outer);
    expect(lines.map(({ line }) => line)).toEqual([
      `Child ${nested.slice(-8)} -> pending. 1 pending, 0 running, 0 completed, 0 failed`,
      `Child ${nested.slice(-8)} -> running. 0 pending, 1 running, 0 completed, 0 failed`,
      `Child ${nested.slice(-8)} -> completed. 0 pending, 0 running, 1 completed, 0 failed`,
    ]);
  });

  test('an audit counts it by its bucket, and corrects a drift', async () => {
    const { store, corruptCounts } = harness();
    const outer = await parentWith(store, ['a']);
    const nested = await nestedWith(store, outer, ['x', 'y']);
    await store.pause(nested);
    await settleUp(store, outer, nested);
    expect(await store.audit(10)).toMatchObject({ audited: 2, drifted: [] });
    await corruptCounts(outer, { status: 'running', by: 1 });
    expect((await store.audit(10)).drifted).toEqual([outer]);
    expect(countsOf((await settle(store, outer)).progress)).toEqual(counts({ pending: 1, running: 1 }));
    expect(await asChild(store, outer, nested)).toMatchObject({ status: 'running' });
  });
}
