import { totalOf } from '@progeny/core';
import { idsOf, nestedWith, sealAll, settleUp, threeDeep } from './family.ts';
import type { JobStoreHarness } from './harness.ts';
import {
  allChildren,
  childId,
  createWith,
  end,
  parentWith,
  refusal,
  reportOutcomes,
  settle,
} from './scene.ts';

const HOUR_MS = 3_600_000;

async function endedFamily({ store }: JobStoreHarness): Promise<[string, string, string]> {
  const family = await threeDeep(store, ['x', 'y']);
  await sealAll(store, family);
  await end(store, family[2]);
  await settleUp(store, ...family);
  return family;
}

export function describeNestingDeleting(harness: () => JobStoreHarness): void {
  test('what is nested is deleted with the outermost, and hidden at once', async () => {
    const { store } = harness();
    const family = await endedFamily(harness());
    const [outer, middle, inner] = family;
    const child = await childId(store, inner, 'x');
    const other = await parentWith(store, ['a']);
    expect(await store.deleteParent(outer)).toMatchObject([
      { job_id: outer, parent_id: null, from: 'completed', to: null },
    ]);
    const ids = [...family, child];
    expect(await store.findOwners(ids)).toEqual(new Map());
    expect(await store.getProgress(ids)).toEqual([]);
    expect((await store.readSnapshots(ids)).snapshots).toEqual([]);
    for (const id of ids) expect(await store.getJob(id)).toBeNull();
    for (const id of [middle, inner]) {
      expect(await refusal(store.listChildren(id, { limit: 10 }))).toBe('job_not_found');
      expect(await refusal(store.explain(id))).toBe('job_not_found');
      expect(await refusal(store.listLog(id))).toBe('job_not_found');
      expect(await refusal(store.listSteps(id))).toBe('job_not_found');
      expect(await refusal(store.requestRetryFailed(id))).toBe('job_not_found');
      expect(await refusal(store.seal(id))).toBe('job_not_found');
      expect(await refusal(nestedWith(store, id))).toBe('job_not_found');
    }
    expect(await refusal(store.retryChild(child))).toBe('job_not_found');
    expect(await reportOutcomes(store, [{ jobId: child, status: 'failed', attempt: 2 }])).toEqual([
      'unknown_job',
    ]);
    expect(await store.fold(family)).toEqual([]);
    expect(await store.findUnfolded(10)).toEqual([]);
    expect((await store.audit(10)).audited).toBe(1);
    expect((await store.listParents({ limit: 10 })).jobs).toMatchObject([{ job_id: other }]);
  });

  test('a nested one cannot go alone, ended or not', async () => {
    const { store } = harness();
    const [outer, middle, inner] = await endedFamily(harness());
    expect(await refusal(store.deleteParent(middle))).toBe('nested_job');
    expect(await refusal(store.deleteParent(inner))).toBe('nested_job');
    const open = await nestedWith(store, await parentWith(store), ['x']);
    expect(await refusal(store.deleteParent(open))).toBe('nested_job');
    expect(await allChildren(store, outer)).toHaveLength(1);
  });

  test('an outer one that waits for a nested one cannot be deleted', async () => {
    const { store } = harness();
    const outer = await parentWith(store);
    const nested = await nestedWith(store, outer, ['x']);
    await store.seal(outer);
    await settleUp(store, outer, nested);
    expect(await refusal(store.deleteParent(outer))).toBe('job_not_ended');
    await store.pause(nested);
    await settleUp(store, outer, nested);
    expect(await refusal(store.deleteParent(outer))).toBe('job_not_ended');
  });

  test('what ended long ago goes whole, and no nested one alone', async () => {
    const { store, passTime } = harness();
    const [old] = await endedFamily(harness());
    const open = await parentWith(store);
    const nested = await nestedWith(store, open, [], { sealed: true });
    await settleUp(store, open, nested);
    await passTime(2 * HOUR_MS);
    expect(idsOf(await store.deleteEnded(HOUR_MS, 10))).toEqual([old]);
    expect(await store.deleteEnded(HOUR_MS, 10)).toEqual([]);
    expect(await store.getJob(nested)).toMatchObject({ status: 'completed' });
  });

  test('its rows go in batches, from the innermost outwards, those of others stay', async () => {
    const { store, truth } = harness();
    const [outer, middle, inner] = await endedFamily(harness());
    const kept = await parentWith(store);
    const keptNested = await nestedWith(store, kept, ['z']);
    await store.deleteParent(outer);
    expect(totalOf(await truth(outer))).toBe(1);
    const removed: number[] = [];
    for (let rows = 1; rows > 0; removed.push(rows)) rows = await store.removeDeleted(2);
    // The children, and then one parent at a time: each has another nested in it until that is gone.
    expect(removed).toEqual([2, 1, 1, 1, 0]);
    for (const parentId of [outer, middle, inner]) expect(totalOf(await truth(parentId))).toBe(0);
    expect(totalOf(await truth(kept))).toBe(1);
    expect(await store.getJob(keptNested)).toMatchObject({ parent_id: kept });
  });

  test('the idempotency keys of all are free again', async () => {
    const { store } = harness();
    const idempotency = { key: 'once', fingerprint: 'f1' };
    const outer = await parentWith(store);
    const nested = await nestedWith(store, outer, [], { sealed: true, idempotency });
    await store.seal(outer);
    await settleUp(store, outer, nested);
    expect(await createWith(store, [], { idempotency })).toMatchObject({ created: false });
    await store.deleteParent(outer);
    const again = await createWith(store, [], { sealed: true, idempotency });
    expect(again).toMatchObject({ created: true, job: { parent_id: null } });
    while ((await store.removeDeleted(10)) > 0);
    expect((await settle(store, again.job.job_id)).progress.status).toBe('completed');
  });
}
