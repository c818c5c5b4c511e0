import { claimReplySchema } from '@progeny/contract';
import { MAX_ATTEMPTS } from '@progeny/core';
import type { JobStoreHarness } from './harness.ts';
import {
  allChildren,
  brief,
  childByKey,
  claimTasks,
  counts,
  countsOf,
  LEASE_MS,
  numbered,
  parentWith,
  reportOutcomes,
  settle,
  UNKNOWN_ID,
} from './scene.ts';

export function describeClaiming(harness: () => JobStoreHarness): void {
  test('a claim moves children to running, with an attempt, a lease and the spec of their parent', async () => {
    const { store } = harness();
    const spec = { type: 'custom', limits: { max_pages: 7 } };
    const parentId = await parentWith(store, ['a', 'b'], { spec });
    const { changes, ...reply } = await claimTasks(store);
    expect(claimReplySchema.parse(reply)).toEqual(reply);
    expect(reply.parents).toEqual({ [parentId]: spec });
    expect(reply.children.map(({ key }) => key).sort()).toEqual(['a', 'b']);
    for (const child of reply.children) {
      expect(child).toMatchObject({
        parent_id: parentId,
        job_type: 'task',
        attempt: 1,
        payload: { key: child.key },
      });
    }
    expect(changes.map(brief)).toEqual(['pending -> running', 'pending -> running']);
    expect(changes[0]).toMatchObject({ parent_id: parentId, attempt: 1, version: 2 });
    expect(await allChildren(store, parentId)).toMatchObject([
      { status: 'running', attempt: 1, started_at: expect.any(String), finished_at: null },
      { status: 'running', attempt: 1 },
    ]);
    expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ running: 2 }));
  });

  test('nothing to do is an empty answer', async () => {
    const { store } = harness();
    expect(await claimTasks(store)).toEqual({ children: [], parents: {}, changes: [] });
  });

  test('the limit holds, and the oldest come first', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b', 'c']);
    const keysOf = async () => (await claimTasks(store, 2)).children.map(({ key }) => key).sort();
    expect(await keysOf()).toEqual(['a', 'b']);
    expect(await keysOf()).toEqual(['c']);
    expect((await settle(store, parentId)).progress.running_children).toBe(3);
  });

  test('only children of the job types asked for are given out', async () => {
    const { store } = harness();
    await parentWith(store, ['a'], { childType: 'page' });
    await parentWith(store, ['b'], { childType: 'task' });
    await parentWith(store, ['c'], { childType: 'mail' });
    const claim = (...jobTypes: string[]) =>
      store.claim({ workerId: 'w', jobTypes, limit: 10, leaseMs: LEASE_MS });
    expect((await claim('sms')).children).toEqual([]);
    const { children } = await claim('page', 'mail');
    expect(children.map(({ job_type, key }) => [job_type, key]).sort()).toEqual([
      ['mail', 'c'],
      ['page', 'a'],
    ]);
  });

  test('concurrent claims never share a child, and miss none', async () => {
    const { store } = harness();
    await Promise.all(numbered(4).map(() => parentWith(store, numbered(15))));
    const claimed: string[] = [];
    for (let round = 0; round < 20 && claimed.length < 60; round++) {
      const replies = await Promise.all(numbered(8).map(() => claimTasks(store, 4)));
      claimed.push(...replies.flatMap(({ children }) => children.map(({ job_id }) => job_id)));
    }
    expect(claimed).toHaveLength(60);
    expect(new Set(claimed).size).toBe(60);
    expect((await claimTasks(store)).children).toEqual([]);
  });

  test('children of a cancelled parent are not given out', async () => {
    const { store } = harness();
    const cancelled = await parentWith(store, ['a']);
    await parentWith(store, ['b']);
    await store.requestCancel(cancelled);
    expect((await claimTasks(store)).children.map(({ key }) => key)).toEqual(['b']);
  });

  test('children of a sealed parent are given out', async () => {
    const { store } = harness();
    await parentWith(store, ['a'], { sealed: true });
    expect((await claimTasks(store)).children).toHaveLength(1);
  });

  test('after a failure that may pass, a child is not given out before it is due', async () => {
    const { store, makeDue } = harness();
    await parentWith(store, ['a']);
    const [first] = (await claimTasks(store)).children;
    const jobId = first?.job_id ?? '';
    expect(await reportOutcomes(store, [{ jobId, status: 'failed', attempt: 1, retryable: true }])).toEqual([
      'retrying',
    ]);
    expect((await claimTasks(store)).children).toEqual([]);
    await makeDue();
    expect((await claimTasks(store)).children).toMatchObject([{ job_id: jobId, attempt: 2 }]);
  });

  describe('the lease', () => {
    test('that has not run out keeps its child', async () => {
      const { store } = harness();
      await parentWith(store, ['a']);
      await claimTasks(store);
      expect(await store.reapExpired(10)).toEqual([]);
    });

    test('that ran out gives the child back, to be claimed in a new attempt', async () => {
      const { store, expireLeases } = harness();
      const parentId = await parentWith(store, ['a']);
      await claimTasks(store);
      await expireLeases();
      const changes = await store.reapExpired(10);
      expect(changes.map(brief)).toEqual(['running -> pending']);
      expect(changes[0]).toMatchObject({ parent_id: parentId, attempt: 1 });
      expect(await childByKey(store, parentId, 'a')).toMatchObject({ status: 'pending', attempt: 1 });
      expect(await store.reapExpired(10)).toEqual([]);
      expect((await claimTasks(store)).children).toMatchObject([{ key: 'a', attempt: 2 }]);
      expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ running: 1 }));
    });

    test('that ran out in the last attempt fails the child', async () => {
      const { store, expireLeases } = harness();
      const parentId = await parentWith(store, ['a'], { sealed: true });
      for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
        await claimTasks(store);
        await expireLeases();
        expect((await store.reapExpired(10)).map(brief)).toEqual(['running -> pending']);
      }
      await claimTasks(store);
      await expireLeases();
      const [change] = await store.reapExpired(10);
      expect(change).toMatchObject({ from: 'running', to: 'failed', attempt: MAX_ATTEMPTS });
      expect(change?.error?.error_code).toBe('lease_expired');
      expect(await childByKey(store, parentId, 'a')).toMatchObject({
        status: 'failed',
        error: { error_code: 'lease_expired' },
        finished_at: expect.any(String),
      });
      expect((await settle(store, parentId)).progress.status).toBe('failed');
    });

    test('a reap takes at most its limit, and concurrent reaps share nothing', async () => {
      const { store, expireLeases } = harness();
      await parentWith(store, numbered(5));
      await claimTasks(store);
      await expireLeases();
      expect(await store.reapExpired(2)).toHaveLength(2);
      const reaped = await Promise.all([store.reapExpired(10), store.reapExpired(10), store.reapExpired(10)]);
      expect(reaped.flat()).toHaveLength(3);
    });

    test('is extended by a heartbeat, even one that came late', async () => {
      const { store, expireLeases } = harness();
      await parentWith(store, ['a', 'b']);
      const { children } = await claimTasks(store);
      await expireLeases();
      const kept = children.find(({ key }) => key === 'a');
      expect(await store.heartbeat([{ jobId: kept?.job_id ?? '', attempt: 1 }], LEASE_MS)).toEqual({
        lost: [],
      });
      const reaped = await store.reapExpired(10);
      expect(reaped.map(({ job_id }) => job_id)).toEqual(
        children.filter(({ key }) => key === 'b').map(({ job_id }) => job_id),
      );
    });

    test('a heartbeat answers the claims that are gone', async () => {
      const { store, expireLeases } = harness();
      await parentWith(store, ['a', 'b', 'c']);
      const { children } = await claimTasks(store, 2);
      const [reclaimed, ended] = children.map(({ job_id }) => job_id);
      await store.report([{ jobId: ended ?? '', status: 'completed', attempt: 1 }]);
      await expireLeases();
      await store.reapExpired(10);
      const again = (await claimTasks(store)).children.map(({ job_id, attempt }) => ({
        jobId: job_id,
        attempt,
      }));
      expect(again).toHaveLength(2);
      const stale = [
        { jobId: reclaimed ?? '', attempt: 1 },
        { jobId: ended ?? '', attempt: 1 },
        { jobId: UNKNOWN_ID, attempt: 1 },
      ];
      const { lost } = await store.heartbeat([...stale, ...again], LEASE_MS);
      expect(lost.sort()).toEqual(stale.map(({ jobId }) => jobId).sort());
    });

    test('of a swept child is gone', async () => {
      const { store } = harness();
      const parentId = await parentWith(store, ['a']);
      const [child] = (await claimTasks(store)).children;
      await store.requestCancel(parentId);
      await store.sweep(parentId, 10);
      const { lost } = await store.heartbeat([{ jobId: child?.job_id ?? '', attempt: 1 }], LEASE_MS);
      expect(lost).toEqual([child?.job_id]);
    });
  });
}
