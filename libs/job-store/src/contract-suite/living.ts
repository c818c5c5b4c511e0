import type { JobStatusChange, ReportedStatus } from '@progeny/contract';
import { childLifecycleOf } from '@progeny/core';
import type { JobStoreHarness } from './harness.ts';
import {
  brief,
  childId,
  childSnapshotOf,
  claimTasks,
  createWith,
  outlineEvents,
  parentWith,
  reportKeys,
  runningChild,
  settle,
  sweepToEnd,
} from './scene.ts';

/** What the changes tell of the lives of children. */
const told = (changes: readonly JobStatusChange[]): string[] =>
  outlineEvents(
    changes.flatMap((change) => childLifecycleOf(change, { timestamp: '2030-01-01T00:00:00.000Z' })),
  );

const runOf = ({ from, to, run, starts_run }: JobStatusChange): string =>
  `${brief({ from, to })}, run ${run}${starts_run ? ' starts' : ''}`;

export function describeLiving(harness: () => JobStoreHarness): void {
  test('a run starts when the child leaves pending, and not again with another try', async () => {
    const { store, expireLeases, makeDue } = harness();
    const { changes: born } = await createWith(store, ['a']);
    expect(born.map(runOf)).toEqual(['null -> pending, run 1', 'null -> pending, run 1']);
    const first = await claimTasks(store);
    await expireLeases();
    const reaped = await store.reapExpired(10);
    const second = await claimTasks(store);
    const jobId = second.children[0]?.job_id ?? '';
    const failed = await store.report([{ jobId, status: 'failed', attempt: 2, retryable: true }]);
    await makeDue();
    const third = await claimTasks(store);
    const ended = await store.report([{ jobId, status: 'failed', attempt: 3, retryable: true }]);
    const again = await store.retryChild(jobId);
    const fourth = await claimTasks(store);
    const changes = [
      first.changes,
      reaped,
      second.changes,
      failed.changes,
      third.changes,
      ended.changes,
    ].flat();
    expect(changes.map(runOf)).toEqual([
      'pending -> running, run 1 starts',
      'running -> pending, run 1',
      'pending -> running, run 1',
      'running -> pending, run 1',
      'pending -> running, run 1',
      'running -> failed, run 1',
    ]);
    expect([...again, ...fourth.changes].map(runOf)).toEqual([
      'failed -> pending, run 2',
      'pending -> running, run 2 starts',
    ]);
    expect(told([...changes, ...again, ...fourth.changes])).toEqual([
      '1 JOB_STARTED',
      '2 JOB_FAILED',
      '3 JOB_STARTED',
    ]);
  });

  test.each([
    ['completed', 'JOB_COMPLETED'],
    ['failed', 'JOB_FAILED'],
    ['cancelled', 'JOB_CANCELLED'],
    ['skipped', 'JOB_COMPLETED'],
  ] as const)(
    'a pending child that is %s at once has both its start and its end told',
    async (status, type) => {
      const { store } = harness();
      const parentId = await parentWith(store, ['a']);
      const changes = await reportKeys(store, parentId, { a: status });
      expect(changes.map(runOf)).toEqual([`pending -> ${status}, run 1 starts`]);
      expect(told(changes)).toEqual(['1 JOB_STARTED', `2 ${type}`]);
      const snapshot = await childSnapshotOf(store, await childId(store, parentId, 'a'));
      expect(outlineEvents(snapshot.lifecycle)).toEqual(['1 JOB_STARTED', `2 ${type}`]);
      expect(snapshot.seq).toBe(2);
    },
  );

  test('the same goes for one that a cancel sweeps away', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b']);
    await claimTasks(store, 1);
    await store.requestCancel(parentId);
    const swept = await store.sweep(parentId, 10);
    expect(swept.map(runOf).sort()).toEqual([
      'pending -> cancelled, run 1 starts',
      'running -> cancelled, run 1',
    ]);
  });

  test('a newer try outside starts nothing', async () => {
    const { store, jobId } = await runningChild(harness());
    const { changes } = await store.report([
      { jobId, status: 'running', attempt: 2 },
      { jobId, status: 'completed', attempt: 2 },
    ]);
    expect(changes.map(runOf)).toEqual(['running -> completed, run 1']);
  });

  test('the snapshot of a child is its present run, at every stage of it', async () => {
    const owner = { tenantId: 'other', userId: 'bob' };
    const { store } = harness();
    const parentId = await parentWith(store, ['a'], { owner, sealed: true });
    const jobId = await childId(store, parentId, 'a');
    const look = async () => {
      const { lifecycle, seq, progress, ...rest } = await childSnapshotOf(store, jobId);
      expect(rest).toEqual({ ...owner, kind: 'child' });
      return [seq, progress.stage, ...outlineEvents(lifecycle)];
    };
    expect(await look()).toEqual([0, 'queued']);
    await claimTasks(store);
    await store.saveProgress([{ jobId, stage: 'fetching', progress: 10, steps: [] }]);
    expect(await look()).toEqual([1, 'fetching', '1 JOB_STARTED']);
    await reportKeys(store, parentId, { a: 'failed' });
    expect(await look()).toEqual([2, 'fetching', '1 JOB_STARTED', '2 JOB_FAILED']);
    await settle(store, parentId);
    await store.requestRetryFailed(parentId);
    await sweepToEnd(store, parentId);
    expect(await look()).toEqual([2, 'queued']);
    await claimTasks(store);
    expect(await look()).toEqual([3, 'queued', '3 JOB_STARTED']);
    await reportKeys(store, parentId, { a: 'completed' });
    expect(await look()).toEqual([4, 'complete', '3 JOB_STARTED', '4 JOB_COMPLETED']);
  });

  test('the end of a child says what became of it', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['done', 'failed', 'skipped']);
    const error = { error_code: 'robots_denied', user_message: 'Not for robots.', technical_detail: '' };
    const report = async (key: string, status: ReportedStatus) => {
      const jobId = await childId(store, parentId, key);
      await store.report([{ jobId, status, attempt: 1, error, result: { bytes: 7 } }]);
      return (await childSnapshotOf(store, jobId)).lifecycle.at(-1);
    };
    expect(await report('done', 'completed')).toMatchObject({ payload: { result: { bytes: 7 } } });
    expect(await report('failed', 'failed')).toMatchObject({ payload: { error } });
    expect(await report('skipped', 'skipped')).toMatchObject({
      payload: { result: { bytes: 7, skipped: 'robots_denied' } },
    });
  });

  test("a parent's own changes say when its runs start", async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a'], { sealed: true });
    await claimTasks(store);
    expect((await settle(store, parentId)).changes.map(runOf)).toEqual(['pending -> running, run 1 starts']);
    await reportKeys(store, parentId, { a: 'failed' });
    expect((await settle(store, parentId)).changes.map(runOf)).toEqual(['running -> failed, run 1']);
    await store.requestRetryFailed(parentId);
    expect((await settle(store, parentId)).changes.map(runOf)).toEqual(['failed -> running, run 2 starts']);
  });
}
