import { idsOf, nestedWith, settleUp, statusesOf, sweepUp, threeDeep } from './family.ts';
import type { JobStoreHarness } from './harness.ts';
import {
  brief,
  claimTasks,
  counts,
  countsOf,
  end,
  parentWith,
  reportKeys,
  settle,
  sweepToEnd,
  toldOf,
} from './scene.ts';

const MINUTE_MS = 60_000;

export function describeNestingStopping(harness: () => JobStoreHarness): void {
  test('a cancel reaches what is nested sweep by sweep, and each ends by itself', async () => {
    const { store } = harness();
    const [outer, middle, inner] = await threeDeep(store, ['x', 'y']);
    await claimTasks(store, 1);
    await settleUp(store, outer, middle, inner);
    expect(idsOf(await store.requestCancel(outer))).toEqual([outer]);
    expect(await store.getJob(middle)).toMatchObject({ progress: { sealed: false } });
    const [wake, ...more] = await store.sweep(outer, 10);
    expect(wake).toMatchObject({
      job_id: middle,
      parent_id: outer,
      is_parent: true,
      from: 'running',
      to: 'running',
    });
    expect(more).toEqual([]);
    expect(await store.explain(middle)).toMatchObject({ stop_reason: 'cancelled' });
    expect(await store.explain(inner)).toMatchObject({ stop_reason: null });
    expect(await store.sweep(outer, 10)).toEqual([]);
    expect(await settleUp(store, outer, middle)).toMatchObject({ needsSweep: true });
    expect(idsOf(await store.sweep(middle, 10))).toEqual([inner]);
    expect((await store.sweep(inner, 10)).map(brief).sort()).toEqual([
      'pending -> cancelled',
      'running -> cancelled',
    ]);
    const { progress, needsSweep } = await settleUp(store, outer, middle, inner);
    expect({ needsSweep, status: progress.status }).toEqual({ needsSweep: false, status: 'cancelled' });
    expect(countsOf(progress)).toEqual(counts({ cancelled: 1 }));
    expect(await statusesOf(store, [middle, inner])).toEqual(['cancelled', 'cancelled']);
    for (const parentId of [outer, middle, inner]) {
      expect(await toldOf(store, parentId)).toEqual(['1 JOB_STARTED', '2 JOB_CANCELLED']);
    }
  });

  test('one batch holds plain children and nested ones, the plain ones first', async () => {
    const { store } = harness();
    const outer = await parentWith(store, ['a', 'b']);
    const nested = [await nestedWith(store, outer), await nestedWith(store, outer)];
    await store.requestCancel(outer);
    expect((await store.sweep(outer, 3)).map(brief)).toEqual([
      'pending -> cancelled',
      'pending -> cancelled',
      'pending -> pending',
    ]);
    expect(idsOf(await store.sweep(outer, 3))).toEqual([nested[1]]);
    expect(await store.sweep(outer, 3)).toEqual([]);
    expect((await sweepUp(store, [outer, ...nested])).progress).toMatchObject({
      status: 'cancelled',
      cancelled_children: 4,
    });
  });

  test('what has ended or is being stopped already is let be', async () => {
    const { store } = harness();
    const outer = await parentWith(store);
    const done = await nestedWith(store, outer, ['x'], { sealed: true });
    await end(store, done);
    const late = await nestedWith(store, outer, ['y'], { deadlineMs: MINUTE_MS });
    await settleUp(store, outer, done, late);
    await harness().passTime(2 * MINUTE_MS);
    expect(idsOf(await store.expireDeadlines(10))).toEqual([late]);
    await store.requestCancel(outer);
    expect(await store.sweep(outer, 10)).toEqual([]);
    const { progress } = await sweepUp(store, [outer, done, late]);
    expect(progress.status).toBe('cancelled');
    expect(countsOf(progress)).toEqual(counts({ completed: 1, failed: 1 }));
    expect(await store.getJob(late)).toMatchObject({ error: { error_code: 'deadline_exceeded' } });
  });

  test('a stop by the policy or the deadline of the outer one cancels what is nested, too', async () => {
    const { store, passTime } = harness();
    const strict = await parentWith(store, ['a'], { failurePolicy: 'fail_fast' });
    const late = await parentWith(store, [], { deadlineMs: MINUTE_MS });
    const nested = [await nestedWith(store, strict, ['x']), await nestedWith(store, late, ['x'])];
    await reportKeys(store, strict, { a: 'failed' });
    await passTime(2 * MINUTE_MS);
    await store.expireDeadlines(10);
    await sweepUp(store, [strict, late, ...nested]);
    expect(await statusesOf(store, [strict, late])).toEqual(['failed', 'failed']);
    expect(await statusesOf(store, nested)).toEqual(['cancelled', 'cancelled']);
    for (const nestedId of nested) {
      expect(await store.explain(nestedId)).toMatchObject({ stop_reason: 'cancelled' });
    }
  });

  test('cancelled alone, a nested one is a cancelled child and the outer one goes on', async () => {
    const { store } = harness();
    const outer = await parentWith(store, ['a'], { sealed: false });
    const nested = await nestedWith(store, outer, ['x']);
    await store.seal(outer);
    expect(await store.requestCancel(nested)).toMatchObject([{ job_id: nested, parent_id: outer }]);
    await sweepToEnd(store, nested);
    expect(countsOf((await settle(store, outer)).progress)).toEqual(counts({ pending: 1, cancelled: 1 }));
    await end(store, outer);
    expect((await settle(store, outer)).progress.status).toBe('completed');
  });

  test('what is nested while the outer one is being cancelled beside it still ends', async () => {
    const { store, truth } = harness();
    for (let round = 0; round < 5; round++) {
      const outer = await parentWith(store, ['a']);
      const [cancel, nest] = await Promise.allSettled([
        store.requestCancel(outer),
        nestedWith(store, outer, ['x']),
        store.sweep(outer, 10),
        store.fold([outer]),
      ]);
      expect(cancel.status).toBe('fulfilled');
      if (nest.status === 'rejected') expect(nest.reason).toMatchObject({ code: 'job_ended' });
      const nested = nest.status === 'fulfilled' ? [nest.value] : [];
      const { progress } = await sweepUp(store, [outer, ...nested]);
      expect(progress.status).toBe('cancelled');
      expect(countsOf(progress)).toEqual(await truth(outer));
      expect(await statusesOf(store, nested)).toEqual(nested.map(() => 'cancelled'));
    }
  });

  test('what has ended stays as it is, whatever the outer one is told', async () => {
    const { store } = harness();
    const outer = await parentWith(store);
    const nested = await nestedWith(store, outer, [], { sealed: true });
    await settleUp(store, outer, nested);
    const before = await store.getJob(nested);
    await store.pause(outer);
    await store.resume(outer);
    await store.requestCancel(outer);
    await sweepUp(store, [outer, nested]);
    expect(await store.getJob(nested)).toEqual(before);
  });
}
