import { MAX_ATTEMPTS } from '@progeny/core';
import type { JobStoreHarness } from './harness.ts';
import {
  brief,
  childByKey,
  childId,
  claimTasks,
  counts,
  countsOf,
  end,
  endedWith,
  LEASE_MS,
  numbered,
  parentWith,
  reportKeys,
  settle,
  sweepToEnd,
  toldOf,
} from './scene.ts';

const MINUTE_MS = 60_000;

export function describeOutOfTime(harness: () => JobStoreHarness): void {
  describe('a deadline', () => {
    test('stops a parent that is past it, which fails', async () => {
      const { store, passTime } = harness();
      const parentId = await parentWith(store, ['a', 'b'], { deadlineMs: MINUTE_MS });
      const [claimed] = (await claimTasks(store, 1)).children;
      await store.report([{ jobId: claimed?.job_id ?? '', status: 'completed', attempt: 1 }]);
      expect(await store.expireDeadlines(10)).toEqual([]);
      await passTime(MINUTE_MS + 1_000);
      expect(await store.expireDeadlines(10)).toMatchObject([
        { job_id: parentId, from: 'pending', to: 'pending' },
      ]);
      expect(await store.expireDeadlines(10)).toEqual([]);
      expect((await claimTasks(store)).children).toEqual([]);
      expect(await store.explain(parentId)).toMatchObject({ stop_reason: 'deadline_exceeded' });
      const { progress } = await sweepToEnd(store, parentId);
      expect(progress).toMatchObject({ status: 'failed', sealed: true });
      expect(countsOf(progress)).toEqual(counts({ completed: 1, cancelled: 1 }));
      expect(await store.getJob(parentId)).toMatchObject({ error: { error_code: 'deadline_exceeded' } });
      expect(await toldOf(store, parentId)).toEqual(['1 JOB_STARTED', '2 JOB_FAILED']);
    });

    test('holds for paused parents, and for no others than those that have one', async () => {
      const { store, passTime } = harness();
      const paused = await parentWith(store, ['a'], { deadlineMs: MINUTE_MS });
      await parentWith(store, ['a']);
      await store.pause(paused);
      await passTime(MINUTE_MS + 1_000);
      expect(await store.expireDeadlines(10)).toMatchObject([{ job_id: paused }]);
      expect((await sweepToEnd(store, paused)).progress.status).toBe('failed');
    });

    test('is none for what has ended or is being cancelled', async () => {
      const { store, passTime } = harness();
      const ended = await endedWith(store, { a: 'completed' }, { deadlineMs: MINUTE_MS });
      const cancelled = await parentWith(store, ['a'], { deadlineMs: MINUTE_MS });
      await store.requestCancel(cancelled);
      await passTime(MINUTE_MS + 1_000);
      expect(await store.expireDeadlines(10)).toEqual([]);
      expect(await store.getJob(ended)).toMatchObject({ status: 'completed' });
      expect((await sweepToEnd(store, cancelled)).progress.status).toBe('cancelled');
    });

    test('of a retried parent counts from the retry', async () => {
      const { store, passTime } = harness();
      const parentId = await parentWith(store, ['a'], { deadlineMs: MINUTE_MS });
      await reportKeys(store, parentId, { a: 'failed' });
      await passTime(MINUTE_MS + 1_000);
      await store.expireDeadlines(10);
      expect((await sweepToEnd(store, parentId)).progress.status).toBe('failed');
      await store.requestRetryFailed(parentId);
      await sweepToEnd(store, parentId);
      await passTime(MINUTE_MS - 10_000);
      expect(await store.expireDeadlines(10)).toEqual([]);
      expect((await claimTasks(store)).children).toHaveLength(1);
      await passTime(20_000);
      expect(await store.expireDeadlines(10)).toHaveLength(1);
    });

    test('stops at most so many at a time, and each once', async () => {
      const { store, passTime } = harness();
      const parentIds: string[] = [];
      for (const _ of numbered(5)) parentIds.push(await parentWith(store, [], { deadlineMs: MINUTE_MS }));
      await passTime(MINUTE_MS + 1_000);
      expect(await store.expireDeadlines(2)).toHaveLength(2);
      const rest = await Promise.all([store.expireDeadlines(10), store.expireDeadlines(10)]);
      expect(rest.flat()).toHaveLength(3);
    });
  });

  describe('a time-out', () => {
    const timeout = { childTimeoutMs: 40_000 };

    test('is told with the claim, whose lease ends no later', async () => {
      const { store } = harness();
      await parentWith(store, ['a'], timeout);
      const ofLease = (await claimTasks(store, 1, 10_000)).children[0];
      await parentWith(store, ['b'], timeout);
      const ofTimeout = (await claimTasks(store, 1, 90_000)).children[0];
      expect(ofLease).toMatchObject({ timeout_ms: 40_000 });
      const [shortMs = 0, longMs = 0] = [ofLease, ofTimeout].map((one) =>
        Date.parse(one?.lease_expires_at ?? ''),
      );
      // Both began in this test.
      expect(longMs - shortMs).toBeGreaterThan(20_000);
      expect(longMs - shortMs).toBeLessThan(60_000);
      await parentWith(store, ['c']);
      expect((await claimTasks(store)).children).toMatchObject([{ key: 'c', timeout_ms: null }]);
    });

    test('no heartbeat extends a lease beyond it: the child is tried again', async () => {
      const { store, passTime } = harness();
      const parentId = await parentWith(store, ['a'], timeout);
      const [claimed] = (await claimTasks(store)).children;
      const claim = { jobId: claimed?.job_id ?? '', attempt: 1 };
      for (let beats = 0; beats < 3; beats++) {
        await passTime(12_000);
        expect(await store.heartbeat([claim], LEASE_MS)).toEqual({ lost: [] });
        expect(await store.reapExpired(10)).toEqual([]);
      }
      await passTime(12_000);
      expect(await store.heartbeat([claim], LEASE_MS)).toEqual({ lost: [claim.jobId] });
      expect((await store.reapExpired(10)).map(brief)).toEqual(['running -> pending']);
      expect((await claimTasks(store)).children).toMatchObject([{ attempt: 2 }]);
      expect(await store.heartbeat([{ ...claim, attempt: 2 }], LEASE_MS)).toEqual({ lost: [] });
      expect((await settle(store, parentId)).progress.running_children).toBe(1);
    });

    test('in the last try is why it failed; a silent worker is another reason', async () => {
      const { store, passTime } = harness();
      const parentId = await parentWith(store, ['a'], { ...timeout, sealed: true });
      const silent = await parentWith(store, ['b'], { childTimeoutMs: 3_600_000, sealed: true });
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        await claimTasks(store);
        await passTime(41_000);
        expect(await store.reapExpired(10)).toHaveLength(2);
      }
      expect(await childByKey(store, parentId, 'a')).toMatchObject({
        ...{ status: 'failed', attempt: MAX_ATTEMPTS, error: { error_code: 'timed_out' } },
      });
      expect(await childByKey(store, silent, 'b')).toMatchObject({
        ...{ status: 'failed', error: { error_code: 'lease_expired' } },
      });
    });

    test('holds for a child that somebody outside works on without a lease', async () => {
      const { store, passTime } = harness();
      const parentId = await parentWith(store, ['a'], timeout);
      const jobId = await childId(store, parentId, 'a');
      const patient = await parentWith(store, ['b']);
      await reportKeys(store, parentId, { a: 'running' });
      await reportKeys(store, patient, { b: 'running' });
      await passTime(30_000);
      expect(await store.reapExpired(10)).toEqual([]);
      await passTime(11_000);
      expect(await store.reapExpired(10)).toMatchObject([{ job_id: jobId, from: 'running', to: 'pending' }]);
      await end(store, parentId);
      await passTime(60_000);
      expect(await store.reapExpired(10)).toEqual([]);
    });

    test('of a new try begins with it', async () => {
      const { store, passTime } = harness();
      const parentId = await parentWith(store, ['a'], timeout);
      await reportKeys(store, parentId, { a: 'running' });
      await passTime(30_000);
      await store.report([{ jobId: await childId(store, parentId, 'a'), status: 'running', attempt: 2 }]);
      await passTime(30_000);
      expect(await store.reapExpired(10)).toEqual([]);
      await passTime(11_000);
      expect(await store.reapExpired(10)).toHaveLength(1);
    });
  });
}
