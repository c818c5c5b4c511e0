import { LIMITS } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import type { Snapshot } from '../snapshot.ts';
import type { JobStoreHarness } from './harness.ts';
import {
  childId,
  claimTasks,
  end,
  foldOnce,
  numbered,
  parentWith,
  settle,
  snapshotOf,
  UNKNOWN_ID,
} from './scene.ts';

const seqs = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function describeSnapshots(harness: () => JobStoreHarness): void {
  test('a snapshot is the progress, whose it is, and what has happened', async () => {
    const { store } = harness();
    const owner = { tenantId: 'other', userId: 'bob' };
    const parentId = await parentWith(store, ['a'], { owner, sealed: true });
    const fresh = await settle(store, parentId);
    expect(await snapshotOf(store, parentId)).toEqual({
      ...owner,
      kind: 'parent',
      progress: fresh.progress,
      seq: 0,
      lifecycle: [],
    });
    await claimTasks(store);
    const started = await settle(store, parentId);
    expect(await snapshotOf(store, parentId)).toEqual({
      ...owner,
      kind: 'parent',
      progress: started.progress,
      seq: 1,
      lifecycle: started.lifecycle,
    });
    await end(store, parentId);
    const ended = await settle(store, parentId);
    expect(await snapshotOf(store, parentId)).toEqual({
      ...owner,
      kind: 'parent',
      progress: ended.progress,
      seq: 2,
      lifecycle: [...started.lifecycle, ...ended.lifecycle],
    });
  });

  test('there is one of each job among the ids, and of nothing else', async () => {
    const { store } = harness();
    const parentIds = [await parentWith(store, ['a']), await parentWith(store)];
    const [one = '', other = ''] = parentIds;
    const jobId = await childId(store, one, 'a');
    const { snapshots } = await store.readSnapshots([UNKNOWN_ID, one, jobId, other, one, jobId]);
    const found = snapshots.map(({ kind, progress }) => `${kind} ${progress.job_id}`).sort();
    expect(found).toEqual([`child ${jobId}`, `parent ${one}`, `parent ${other}`].sort());
  });

  test('of a long lifecycle there is the newest part, oldest first', async () => {
    const { store, prolongLifecycle } = harness();
    const parentId = await parentWith(store);
    await prolongLifecycle(parentId, LIMITS.replayedEvents);
    const whole = await snapshotOf(store, parentId);
    expect(whole.seq).toBe(LIMITS.replayedEvents);
    expect(whole.lifecycle.map(({ payload }) => payload.seq)).toEqual(seqs(1, LIMITS.replayedEvents));
    await prolongLifecycle(parentId, 3);
    const part = await snapshotOf(store, parentId);
    expect(part.seq).toBe(LIMITS.replayedEvents + 3);
    expect(part.lifecycle.map(({ payload }) => payload.seq)).toEqual(seqs(4, LIMITS.replayedEvents));
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
    for (const { progress } of snapshots) expect(progress).toMatchObject({ status: 'completed' });
    expect(snapshots).toHaveLength(parentIds.length);
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
export function expectOneInstant({ kind, progress, seq, lifecycle }: Snapshot): void {
  if (kind !== 'parent') throw new Error('parents alone are told of here');
  const types = lifecycle.map(({ type }) => type);
  const ended = isParentEnded(progress.status) ? [`JOB_${progress.status.toUpperCase()}`] : [];
  const started = types.length > 0 || progress.status !== 'pending' ? ['JOB_STARTED'] : [];
  expect(types).toEqual([...started, ...ended]);
  expect(seq).toBe(types.length);
}
