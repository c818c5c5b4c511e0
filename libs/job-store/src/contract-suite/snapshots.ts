import { LIMITS } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import type { JobStore } from '../job-store.ts';
import type { Snapshot } from '../snapshot.ts';
import type { JobStoreHarness } from './harness.ts';
import { childId, claimTasks, end, foldOnce, numbered, parentWith, settle, UNKNOWN_ID } from './scene.ts';

async function snapshotOf(store: JobStore, parentId: string): Promise<Snapshot> {
  const [snapshot] = (await store.readSnapshots([parentId])).snapshots;
  if (!snapshot) throw new Error('no such parent');
  return snapshot;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function describeSnapshots(harness: () => JobStoreHarness): void {
  test('a snapshot is the progress, whose it is, and what has happened', async () => {
    const { store } = harness();
    const owner = { tenantId: 'other', userId: 'bob' };
    const parentId = await parentWith(store, ['a'], { owner, sealed: true });
    const fresh = await settle(store, parentId);
    expect(await snapshotOf(store, parentId)).toEqual({
      ...owner,
      progress: fresh.progress,
      seq: 0,
      lifecycle: [],
    });
    await claimTasks(store);
    const started = await settle(store, parentId);
    expect(await snapshotOf(store, parentId)).toEqual({
      ...owner,
      progress: started.progress,
      seq: 1,
      lifecycle: started.lifecycle,
    });
    await end(store, parentId);
    const ended = await settle(store, parentId);
    expect(await snapshotOf(store, parentId)).toEqual({
      ...owner,
      progress: ended.progress,
      seq: 2,
      lifecycle: [...started.lifecycle, ...ended.lifecycle],
    });
  });

  test('there is one of each parent among the ids, and of nothing else', async () => {
    const { store } = harness();
    const parentIds = [await parentWith(store, ['a']), await parentWith(store)];
    const [one = '', other = ''] = parentIds;
    const ids = [UNKNOWN_ID, one, await childId(store, one, 'a'), other, one];
    const { snapshots } = await store.readSnapshots(ids);
    expect(snapshots.map(({ progress }) => progress.job_id).sort()).toEqual(parentIds.sort());
  });

  test('of a long lifecycle there is the newest part, oldest first', async () => {
    const { store, prolongLifecycle } = harness();
    const parentId = await parentWith(store);
    await prolongLifecycle(parentId, LIMITS.replayedEvents);
    const whole = await snapshotOf(store, parentId);
    expect(whole.seq).toBe(LIMITS.replayedEvents);
    expect(whole.lifecycle).toEqual(await store.listLifecycle(parentId, 0));
    await prolongLifecycle(parentId, 3);
    const part = await snapshotOf(store, parentId);
    expect(part.seq).toBe(LIMITS.replayedEvents + 3);
    expect(part.lifecycle).toHaveLength(LIMITS.replayedEvents);
    expect(part.lifecycle).toEqual(await store.listLifecycle(parentId, 3));
  });

  test('while parents end, no snapshot has the one without the other', async () => {
    const { store } = harness();
    const parentIds = await Promise.all(numbered(20).map(() => parentWith(store, ['a'], { sealed: true })));
    const { children } = await claimTasks(store);
    await store.report(
      children.map(({ job_id, attempt }) => ({ jobId: job_id, attempt, status: 'completed' })),
    );
    let isFolding = true;
    const folding = (async () => {
      for (const parentId of parentIds) await foldOnce(store, parentId);
      isFolding = false;
    })();
    const reading = async () => {
      while (isFolding) (await store.readSnapshots(parentIds)).snapshots.forEach(expectOneInstant);
    };
    await Promise.all([folding, reading(), reading()]);
    const { snapshots } = await store.readSnapshots(parentIds);
    snapshots.forEach(expectOneInstant);
    expect(snapshots.map(({ progress }) => progress.status)).toEqual(parentIds.map(() => 'completed'));
  });

  test('the ledger has one name, until it is given another', async () => {
    const { store, renewEpoch } = harness();
    const { epoch } = await store.readSnapshots([]);
    expect(epoch).toMatch(UUID);
    expect(await store.readSnapshots([await parentWith(store)])).toMatchObject({ epoch });
    await renewEpoch();
    const renewed = (await store.readSnapshots([])).epoch;
    expect(renewed).toMatch(UUID);
    expect(renewed).not.toBe(epoch);
  });
}

/** What was recorded together is seen together. */
export function expectOneInstant({ progress, seq, lifecycle }: Snapshot): void {
  const types = lifecycle.map(({ type }) => type);
  const ended = isParentEnded(progress.status) ? [`JOB_${progress.status.toUpperCase()}`] : [];
  const started = types.length > 0 || progress.status !== 'pending' ? ['JOB_STARTED'] : [];
  expect(types).toEqual([...started, ...ended]);
  expect(seq).toBe(types.length);
}
