import { totalOf } from '@progeny/core';
import type { JobStoreHarness } from './harness.ts';
import {
  childId,
  claimTasks,
  counts,
  createWith,
  endedWith,
  inputs,
  numbered,
  parentWith,
  refusal,
  reportOutcomes,
  settle,
  UNKNOWN_ID,
} from './scene.ts';

const HOUR_MS = 3_600_000;

export function describeDeleting(harness: () => JobStoreHarness): void {
  test('a deleted parent and its children are hidden at once from every reader', async () => {
    const { store } = harness();
    const parentId = await endedWith(store, { a: 'completed', b: 'failed' });
    const other = await endedWith(store, { a: 'completed' });
    const [childIdA, childIdB] = [await childId(store, parentId, 'a'), await childId(store, parentId, 'b')];
    const ids = [parentId, childIdA, childIdB];
    const before = await store.getJob(parentId);
    expect(await store.deleteParent(parentId)).toMatchObject([
      { job_id: parentId, parent_id: null, from: 'completed', to: null, version: (before?.version ?? 0) + 1 },
    ]);
    for (const id of ids) expect(await store.getJob(id)).toBeNull();
    expect(await store.findOwners(ids)).toEqual(new Map());
    expect(await store.getProgress(ids)).toEqual([]);
    expect((await store.readSnapshots(ids)).snapshots).toEqual([]);
    const owner = { tenantId: 'acme', userId: 'ann' };
    for (const options of [
      {},
      { owner },
      { status: 'completed' as const },
      { owner: { tenantId: 'acme' } },
    ]) {
      expect((await store.listParents({ limit: 10, ...options })).jobs).toMatchObject([{ job_id: other }]);
    }
    for (const read of [
      () => store.listChildren(parentId, { limit: 10 }),
      () => store.explain(parentId),
      () => store.listLog(parentId),
      () => store.listSteps(parentId),
      () => store.listSteps(childIdA),
    ]) {
      expect(await refusal(read())).toBe('job_not_found');
    }
  });

  test('nothing can be done with it any more', async () => {
    const { store } = harness();
    const parentId = await endedWith(store, { a: 'failed' });
    const jobId = await childId(store, parentId, 'a');
    await store.deleteParent(parentId);
    for (const command of [
      () => store.seal(parentId),
      () => store.addChildren(parentId, inputs('b')),
      () => store.requestCancel(parentId),
      () => store.pause(parentId),
      () => store.resume(parentId),
      () => store.requestRetryFailed(parentId),
      () => store.retryChild(jobId),
      () => store.deleteParent(parentId),
    ]) {
      expect(await refusal(command())).toBe('job_not_found');
    }
    expect(await reportOutcomes(store, [{ jobId, status: 'completed', attempt: 2 }])).toEqual([
      'unknown_job',
    ]);
    expect(await store.saveProgress([{ jobId, steps: [{ event: 'pipeline_started' }] }])).toEqual({
      outcomes: ['unknown_job'],
      progress: [],
      steps: [],
    });
    expect(await store.heartbeat([{ jobId, attempt: 1 }], 1_000)).toEqual({ lost: [jobId] });
    expect(await store.fold([parentId])).toEqual([]);
    expect(await store.sweep(parentId, 10)).toEqual([]);
    expect(await store.findUnfolded(10)).toEqual([]);
    expect(await store.audit(10)).toEqual({ audited: 0, verified: [], drifted: [] });
  });

  test('its rows go in batches, those of others stay', async () => {
    const { store, truth } = harness();
    const parentId = await endedWith(store, Object.fromEntries(numbered(7).map((key) => [key, 'completed'])));
    const other = await endedWith(store, { a: 'completed' });
    const empty = await parentWith(store, [], { sealed: true });
    await settle(store, empty);
    await store.deleteParent(parentId);
    await store.deleteParent(empty);
    expect(totalOf(await truth(parentId))).toBe(7);
    const removed: number[] = [];
    for (let rows = 1; rows > 0; removed.push(rows)) rows = await store.removeDeleted(4);
    expect(removed.every((rows) => rows <= 4)).toBe(true);
    expect(removed.reduce((sum, rows) => sum + rows)).toBe(9);
    expect(totalOf(await truth(parentId))).toBe(0);
    expect(await truth(other)).toEqual(counts({ completed: 1 }));
    expect(await store.getJob(other)).toMatchObject({ status: 'completed' });
  });

  test('what was kept with it goes with it', async () => {
    const { store, textOf } = harness();
    const parentId = await parentWith(store, ['a'], { sealed: true });
    const jobId = await childId(store, parentId, 'a');
    await claimTasks(store);
    await store.saveProgress([{ jobId, steps: [{ event: 'pipeline_started' }] }]);
    await store.report([{ jobId, status: 'completed', attempt: 1, text: 'the text of a page' }]);
    await settle(store, parentId);
    await store.deleteParent(parentId);
    while ((await store.removeDeleted(10)) > 0);
    expect(await textOf(jobId)).toBeNull();
  });

  test('its idempotency key is free again, before its rows are gone and after', async () => {
    const { store } = harness();
    const idempotency = { key: 'once', fingerprint: 'f1' };
    const first = await endedWith(store, { a: 'completed' }, { idempotency });
    expect(await createWith(store, [], { idempotency })).toMatchObject({ created: false });
    await store.deleteParent(first);
    const second = await createWith(store, ['b'], {
      sealed: true,
      idempotency: { key: 'once', fingerprint: 'f2' },
    });
    expect(second.created).toBe(true);
    while ((await store.removeDeleted(10)) > 0);
    const again = await createWith(store, [], { idempotency: { key: 'once', fingerprint: 'f2' } });
    expect(again).toMatchObject({ created: false, job: { job_id: second.job.job_id } });
  });

  test('what has not ended, was opened again, is a child or does not exist, cannot be deleted', async () => {
    const { store } = harness();
    const running = await parentWith(store, ['a']);
    const cancelling = await parentWith(store, ['a']);
    await store.requestCancel(cancelling);
    const retrying = await endedWith(store, { a: 'failed' });
    await store.requestRetryFailed(retrying);
    const opened = await endedWith(store, { a: 'failed' });
    await store.retryChild(await childId(store, opened, 'a'));
    for (const parentId of [running, cancelling, retrying, opened]) {
      expect(await refusal(store.deleteParent(parentId))).toBe('job_not_ended');
    }
    expect(await refusal(store.deleteParent(await childId(store, running, 'a')))).toBe('not_a_parent');
    expect(await refusal(store.deleteParent(UNKNOWN_ID))).toBe('job_not_found');
    expect(await store.removeDeleted(10)).toBe(0);
  });

  describe('what ended long ago', () => {
    test('is deleted, and nothing else', async () => {
      const { store, passTime } = harness();
      const old = await endedWith(store, { a: 'completed' });
      const open = await parentWith(store, ['a']);
      const reopened = await endedWith(store, { a: 'failed' });
      await passTime(2 * HOUR_MS);
      await store.requestRetryFailed(reopened);
      const fresh = await endedWith(store, { a: 'completed' });
      expect(await store.deleteEnded(3 * HOUR_MS, 10)).toEqual([]);
      expect(await store.deleteEnded(HOUR_MS, 10)).toMatchObject([
        { job_id: old, from: 'completed', to: null },
      ]);
      expect(await store.deleteEnded(HOUR_MS, 10)).toEqual([]);
      expect(await store.getJob(old)).toBeNull();
      for (const id of [open, reopened, fresh]) expect(await store.getJob(id)).not.toBeNull();
    });

    test('goes at most so many at a time, and each once', async () => {
      const { store, passTime } = harness();
      for (const _ of numbered(5)) await endedWith(store, { a: 'completed' });
      await passTime(HOUR_MS);
      expect(await store.deleteEnded(1_000, 2)).toHaveLength(2);
      const rest = await Promise.all([store.deleteEnded(1_000, 10), store.deleteEnded(1_000, 10)]);
      expect(rest.flat()).toHaveLength(3);
    });
  });
}
