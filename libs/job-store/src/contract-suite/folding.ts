import { lifecycleEventSchema, type ParentJobProgress, parentJobProgressSchema } from '@progeny/contract';
import type { FoldResult } from '../job-store.ts';
import type { JobStoreHarness } from './harness.ts';
import {
  allChildren,
  brief,
  childId,
  claimTasks,
  counts,
  countsOf,
  end,
  foldOnce,
  inputs,
  lifecycleOf,
  numbered,
  parentWith,
  progressOf,
  settle,
  UNKNOWN_ID,
} from './scene.ts';

const types = (lifecycle: FoldResult['lifecycle']) => lifecycle.map(({ type }) => type);

export function describeFolding(harness: () => JobStoreHarness): void {
  test('counts what happened, as the next version', async () => {
    const { store, truth } = harness();
    const parentId = await parentWith(store, numbered(2));
    await store.addChildren(parentId, inputs('late'));
    const first = await foldOnce(store, parentId);
    expect(first).toMatchObject({
      tenantId: 'acme',
      userId: 'ann',
      changed: true,
      needsSweep: false,
      changes: [],
      lifecycle: [],
      lagMs: expect.any(Number),
    });
    expect(first.lagMs).toBeGreaterThanOrEqual(0);
    expect(parentJobProgressSchema.parse(first.progress)).toEqual(first.progress);
    expect(first.progress).toMatchObject({
      job_id: parentId,
      version: 3,
      status: 'pending',
      total_children: 3,
      progress_text: '3 pending, 0 running, 0 completed, 0 failed',
      progress_percentage: 0,
    });
    await claimTasks(store, 2);
    const second = await foldOnce(store, parentId);
    expect(second.progress).toMatchObject({ version: 4, status: 'running', running_children: 2 });
    expect(countsOf(second.progress)).toEqual(await truth(parentId));
    expect(await progressOf(store, parentId)).toEqual(second.progress);
  });

  test('with nothing to fold changes nothing, how often ever: not even the rate', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, numbered(5));
    await store.report([{ jobId: await childId(store, parentId, 'k0'), status: 'completed', attempt: 1 }]);
    const { progress } = await foldOnce(store, parentId);
    for (let again = 0; again < 3; again++) {
      expect(await foldOnce(store, parentId)).toEqual({
        tenantId: 'acme',
        userId: 'ann',
        progress,
        changed: false,
        changes: [],
        lifecycle: [],
        needsSweep: false,
        lagMs: null,
      });
    }
    expect(await progressOf(store, parentId)).toEqual(progress);
  });

  test('leaves out what is no parent, and takes a parent once', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a']);
    const child = await childId(store, parentId, 'a');
    const results = await store.fold([UNKNOWN_ID, parentId, child, parentId]);
    expect(results.map(({ progress }) => progress.job_id)).toEqual([parentId]);
    expect(await store.fold([])).toEqual([]);
  });

  test('many parents at once', async () => {
    const { store } = harness();
    const parentIds = await Promise.all(numbered(5).map((_, size) => parentWith(store, numbered(size))));
    const results = await store.fold(parentIds);
    const totals = new Map(results.map(({ progress }) => [progress.job_id, progress.total_children]));
    expect(parentIds.map((id) => totals.get(id))).toEqual([0, 1, 2, 3, 4]);
  });

  test('starts the parent once, with the first event of its lifecycle', async () => {
    const { store, expireLeases } = harness();
    const parentId = await parentWith(store, ['a']);
    await claimTasks(store);
    const started = await settle(store, parentId);
    expect(started.changes.map(brief)).toEqual(['pending -> running']);
    expect(started.changes[0]).toMatchObject({ job_id: parentId, parent_id: null, job_type: 'custom' });
    expect(started.lifecycle).toMatchObject([
      {
        type: 'JOB_STARTED',
        payload: { job_id: parentId, parent_id: null, operation_type: 'custom', seq: 1 },
      },
    ]);
    expect(await store.getJob(parentId)).toMatchObject({ status: 'running', started_at: expect.any(String) });
    // Pending again and running again: it has started all the same.
    await expireLeases();
    await store.reapExpired(10);
    expect((await settle(store, parentId)).lifecycle).toEqual([]);
    await claimTasks(store);
    expect((await settle(store, parentId)).lifecycle).toEqual([]);
  });

  test('ends a sealed parent once, when its last child has ended', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b'], { sealed: true });
    await settle(store, parentId);
    await end(store, parentId);
    const { progress, lifecycle, changes } = await settle(store, parentId);
    expect(progress).toMatchObject({ status: 'completed', progress_percentage: 100, eta_seconds: null });
    expect(changes).toMatchObject([{ job_id: parentId, to: 'completed' }]);
    expect(types(lifecycle)).toEqual(['JOB_STARTED', 'JOB_COMPLETED']);
    expect(lifecycle.map((event) => lifecycleEventSchema.parse(event))).toEqual(lifecycle);
    expect(await lifecycleOf(store, parentId)).toEqual(lifecycle);
    expect(await store.getJob(parentId)).toMatchObject({
      status: 'completed',
      finished_at: expect.any(String),
      progress,
    });
    expect(await settle(store, parentId)).toMatchObject({ progress, lifecycle: [], changes: [] });
  });

  test('ends a parent without children when it is sealed', async () => {
    const { store } = harness();
    const born = await parentWith(store, [], { sealed: true });
    const later = await parentWith(store);
    expect((await settle(store, later)).progress.status).toBe('pending');
    await store.seal(later);
    expect((await store.findUnfolded(10)).sort()).toEqual([born, later].sort());
    for (const parentId of [born, later]) {
      const { progress, lifecycle, changes } = await settle(store, parentId);
      expect(progress).toMatchObject({ status: 'completed', total_children: 0, progress_percentage: 100 });
      expect(types(lifecycle)).toEqual(['JOB_STARTED', 'JOB_COMPLETED']);
      expect(changes.map(brief)).toEqual(['pending -> completed']);
    }
  });

  test('never ends an unsealed parent', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a']);
    await end(store, parentId);
    const { progress } = await settle(store, parentId);
    expect(progress).toMatchObject({ status: 'running', progress_percentage: 99 });
    await store.addChildren(parentId, inputs('b'));
    await store.seal(parentId);
    expect((await settle(store, parentId)).progress.status).toBe('running');
    await end(store, parentId);
    expect((await settle(store, parentId)).progress.status).toBe('completed');
  });

  test('fails a parent of which nothing succeeded, and says so', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b'], { sealed: true });
    await end(store, parentId, 'failed');
    const { progress, lifecycle } = await settle(store, parentId);
    expect(progress.status).toBe('failed');
    expect(types(lifecycle)).toEqual(['JOB_STARTED', 'JOB_FAILED']);
    expect(await store.getJob(parentId)).toMatchObject({ error: { error_code: 'no_child_succeeded' } });
    expect(lifecycle.map((event) => lifecycleEventSchema.parse(event))).toEqual(lifecycle);
  });

  test('beside each other count nothing twice, and one of them ends the parent', async () => {
    const { store, truth } = harness();
    const parentId = await parentWith(store, numbered(30), { sealed: true });
    const { children } = await claimTasks(store);
    const folds = await Promise.all(
      children.flatMap(({ job_id }) => [
        store.report([{ jobId: job_id, status: 'completed', attempt: 1 }]).then(() => []),
        store.fold([parentId]),
        store.fold([parentId]),
      ]),
    );
    const last = await settle(store, parentId);
    const changed = folds.flat().filter((result) => result.changed);
    expect(new Set(changed.map(({ progress }) => progress.version)).size).toBe(changed.length);
    for (const { progress } of folds.flat()) expectSound(progress, 30);
    expect(countsOf(last.progress)).toEqual(await truth(parentId));
    expect(countsOf(last.progress)).toEqual(counts({ completed: 30 }));
    const lifecycle = [...folds.flat().flatMap((result) => result.lifecycle), ...last.lifecycle];
    expect(types(lifecycle).sort()).toEqual(['JOB_COMPLETED', 'JOB_STARTED']);
    const ends = [...folds.flat().flatMap(({ changes }) => changes), ...last.changes].filter(
      ({ to }) => to === 'completed',
    );
    expect(ends).toHaveLength(1);
  });

  /** Some births may be unfolded yet; but nothing is negative, doubled or ended too early. */
  function expectSound(progress: ParentJobProgress, children: number): void {
    for (const count of Object.values(countsOf(progress))) expect(count).toBeGreaterThanOrEqual(0);
    expect(progress.total_children).toBeLessThanOrEqual(children);
    if (progress.status === 'completed') expect(progress.completed_children).toBe(children);
  }

  test('the rate is a number that falls to nothing at the end', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, numbered(10), { sealed: true });
    const [first, ...others] = await allChildren(store, parentId);
    await store.report(others.map(({ job_id }) => ({ jobId: job_id, status: 'completed', attempt: 1 })));
    const { progress } = await settle(store, parentId);
    expect(progress.children_per_second).toBeGreaterThan(0);
    expect(progress.eta_seconds).toBeGreaterThan(0);
    await store.report([{ jobId: first?.job_id ?? '', status: 'completed', attempt: 1 }]);
    expect((await settle(store, parentId)).progress).toMatchObject({
      children_per_second: 0,
      eta_seconds: null,
    });
  });

  test('the backup poll finds what is unfolded, and nothing else', async () => {
    const { store } = harness();
    const quiet = await parentWith(store, ['a']);
    const ended = await parentWith(store, [], { sealed: true });
    await settle(store, quiet);
    await settle(store, ended);
    const busy = [await parentWith(store), await parentWith(store)];
    for (const parentId of busy) await store.addChildren(parentId, inputs('a'));
    expect((await store.findUnfolded(10)).sort()).toEqual([...busy].sort());
    expect(await store.findUnfolded(1)).toHaveLength(1);
    await Promise.all(busy.map((parentId) => settle(store, parentId)));
    expect(await store.findUnfolded(10)).toEqual([]);
    await store.report([{ jobId: await childId(store, quiet, 'a'), status: 'completed', attempt: 1 }]);
    expect(await store.findUnfolded(10)).toEqual([quiet]);
  });

  test('the backup poll leaves alone what is only just there', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a']);
    await claimTasks(store);
    const sealed = await parentWith(store, [], { sealed: true });
    const cancelled = await parentWith(store);
    await store.requestCancel(cancelled);
    expect(await store.findUnfolded(10, 60_000)).toEqual([]);
    expect((await store.findUnfolded(10)).sort()).toEqual([parentId, sealed, cancelled].sort());
  });
}
