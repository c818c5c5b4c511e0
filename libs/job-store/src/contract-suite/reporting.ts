import { childViewSchema, type JobError, jobStatusChangeSchema } from '@progeny/contract';
import { MAX_ATTEMPTS } from '@progeny/core';
import type { NewParent } from '../job-store.ts';
import type { JobStoreHarness } from './harness.ts';
import {
  brief,
  childId,
  claimTasks,
  counts,
  countsOf,
  lifecycleOf,
  parentWith,
  reportOutcomes,
  runningChild,
  settle,
  UNKNOWN_ID,
} from './scene.ts';

const broken: JobError = {
  error_code: 'http_503',
  user_message: 'The site is down.',
  technical_detail: 'GET',
};

export function describeReporting(harness: () => JobStoreHarness): void {
  const running = (more?: Partial<NewParent>) => runningChild(harness(), more);

  test('an end is applied, with its result and its text', async () => {
    const { store, textOf, parentId, jobId } = await running();
    const result = { http_status: 200, title: 'Ünïcode' };
    const { answers, changes } = await store.report([
      { jobId, status: 'completed', attempt: 1, result, text: 'the text' },
    ]);
    expect(answers).toEqual([{ job_id: jobId, outcome: 'applied', status: 'completed', attempt: 1 }]);
    expect(changes.map((change) => jobStatusChangeSchema.parse(change))).toEqual(changes);
    expect(changes).toMatchObject([
      { job_id: jobId, parent_id: parentId, from: 'running', to: 'completed', attempt: 1, version: 3 },
    ]);
    const child = await store.getJob(jobId);
    expect(childViewSchema.parse(child)).toEqual(child);
    expect(child).toMatchObject({
      status: 'completed',
      result,
      error: null,
      finished_at: expect.any(String),
    });
    expect(await textOf(jobId)).toBe('the text');
    expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ completed: 1 }));
  });

  test('a failure is kept with its error, and the change carries it', async () => {
    const { store, textOf, jobId } = await running();
    const { changes } = await store.report([{ jobId, status: 'failed', attempt: 1, error: broken }]);
    expect(changes).toMatchObject([{ from: 'running', to: 'failed', error: broken }]);
    expect(await store.getJob(jobId)).toMatchObject({ status: 'failed', error: broken, result: null });
    expect(await textOf(jobId)).toBeNull();
  });

  test.each(['cancelled', 'skipped'] as const)('a child may be reported as %s', async (status) => {
    const { store, parentId, jobId } = await running();
    await store.report([{ jobId, status, attempt: 1, error: broken }]);
    expect(await store.getJob(jobId)).toMatchObject({ status, error: broken });
    expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ [status]: 1 }));
  });

  test('somebody outside may report a child that nobody claimed', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b']);
    const [a, b] = [await childId(store, parentId, 'a'), await childId(store, parentId, 'b')];
    const { changes } = await store.report([
      { jobId: a, status: 'running', attempt: 1 },
      { jobId: b, status: 'completed', attempt: 1 },
    ]);
    expect(changes.map(brief)).toEqual(['pending -> running', 'pending -> completed']);
    expect((await claimTasks(store)).children).toEqual([]);
    expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ running: 1, completed: 1 }));
  });

  test('a child that runs outside has no lease to lose', async () => {
    const { store, expireLeases } = harness();
    const parentId = await parentWith(store, ['a']);
    await store.report([{ jobId: await childId(store, parentId, 'a'), status: 'running', attempt: 1 }]);
    await expireLeases();
    expect(await store.reapExpired(10)).toEqual([]);
  });

  test('the same report again is a duplicate and changes nothing', async () => {
    const { store, jobId } = await running();
    await store.report([{ jobId, status: 'completed', attempt: 1, result: { first: true }, text: 'one' }]);
    const before = await store.getJob(jobId);
    const { answers, changes } = await store.report([
      { jobId, status: 'completed', attempt: 1, result: { first: false }, text: 'two' },
    ]);
    expect(answers).toEqual([{ job_id: jobId, outcome: 'duplicate', status: 'completed', attempt: 1 }]);
    expect(changes).toEqual([]);
    expect(await store.getJob(jobId)).toEqual(before);
    expect(await harness().textOf(jobId)).toBe('one');
  });

  test('the same reports again minutes later, and after the fold, are duplicates still', async () => {
    const { store, passTime, truth } = harness();
    const parentId = await parentWith(store, ['a', 'b'], { sealed: true });
    const { children } = await claimTasks(store);
    const reports = children.map(({ job_id }, index) => ({
      jobId: job_id,
      status: index === 0 ? ('completed' as const) : ('failed' as const),
      attempt: 1,
    }));
    await store.report(reports);
    for (let again = 0; again < 3; again++) {
      await passTime(90_000);
      expect(await reportOutcomes(store, reports)).toEqual(['duplicate', 'duplicate']);
      const { progress } = await settle(store, parentId);
      expect(countsOf(progress)).toEqual(counts({ completed: 1, failed: 1 }));
      expect(countsOf(progress)).toEqual(await truth(parentId));
    }
    expect((await lifecycleOf(store, parentId)).map(({ type }) => type)).toEqual([
      'JOB_STARTED',
      'JOB_COMPLETED',
    ]);
  });

  test('the first end wins', async () => {
    const { store, jobId } = await running();
    await store.report([{ jobId, status: 'completed', attempt: 1 }]);
    const before = await store.getJob(jobId);
    for (const status of ['running', 'failed', 'cancelled', 'skipped'] as const) {
      const { answers, changes } = await store.report([{ jobId, status, attempt: 1, retryable: true }]);
      expect(answers).toMatchObject([{ outcome: 'illegal_transition', status: 'completed', attempt: 1 }]);
      expect(changes).toEqual([]);
    }
    expect(await store.getJob(jobId)).toEqual(before);
  });

  test('a report of an older attempt changes nothing', async () => {
    const { store, expireLeases, jobId } = await running();
    await expireLeases();
    await store.reapExpired(10);
    await claimTasks(store);
    const { answers, changes } = await store.report([{ jobId, status: 'completed', attempt: 1 }]);
    expect(answers).toEqual([{ job_id: jobId, outcome: 'stale_attempt', status: 'running', attempt: 2 }]);
    expect(changes).toEqual([]);
    expect(await reportOutcomes(store, [{ jobId, status: 'completed', attempt: 2 }])).toEqual(['applied']);
  });

  test('a late result of the attempt that was reaped still wins', async () => {
    const { store, expireLeases, parentId, jobId } = await running();
    await expireLeases();
    await store.reapExpired(10);
    const { changes } = await store.report([{ jobId, status: 'completed', attempt: 1 }]);
    expect(changes.map(brief)).toEqual(['pending -> completed']);
    expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ completed: 1 }));
  });

  test('a newer attempt in the same status is applied, and is no change of status', async () => {
    const { store, parentId, jobId } = await running();
    await settle(store, parentId);
    const { answers, changes } = await store.report([{ jobId, status: 'running', attempt: 2 }]);
    expect(answers).toEqual([{ job_id: jobId, outcome: 'applied', status: 'running', attempt: 2 }]);
    expect(changes).toEqual([]);
    expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ running: 1 }));
    expect(await reportOutcomes(store, [{ jobId, status: 'completed', attempt: 1 }])).toEqual([
      'stale_attempt',
    ]);
  });

  test('what is not the id of a child is an unknown job, and harms no other report', async () => {
    const { store, parentId, jobId } = await running();
    const { answers } = await store.report([
      { jobId: UNKNOWN_ID, status: 'completed', attempt: 1 },
      { jobId: parentId, status: 'completed', attempt: 1 },
      { jobId, status: 'completed', attempt: 1 },
    ]);
    expect(answers).toEqual([
      { job_id: UNKNOWN_ID, outcome: 'unknown_job', status: null, attempt: null },
      { job_id: parentId, outcome: 'unknown_job', status: null, attempt: null },
      { job_id: jobId, outcome: 'applied', status: 'completed', attempt: 1 },
    ]);
    expect(await store.getJob(parentId)).toMatchObject({ status: 'pending' });
  });

  describe('a failure that may pass', () => {
    const fail = (jobId: string, attempt: number) => ({
      jobId,
      status: 'failed' as const,
      attempt,
      retryable: true,
      error: broken,
    });

    test('makes the child pending again, with its error, until the attempts are used up', async () => {
      const { store, makeDue, parentId, jobId } = await running({ sealed: true });
      for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
        const { answers, changes } = await store.report([fail(jobId, attempt)]);
        expect(answers).toEqual([{ job_id: jobId, outcome: 'retrying', status: 'pending', attempt }]);
        expect(changes.map(brief)).toEqual(['running -> pending']);
        expect(await store.getJob(jobId)).toMatchObject({
          status: 'pending',
          error: broken,
          finished_at: null,
        });
        expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ pending: 1 }));
        await makeDue();
        expect((await claimTasks(store)).children).toMatchObject([{ attempt: attempt + 1 }]);
      }
      expect(await reportOutcomes(store, [fail(jobId, MAX_ATTEMPTS)])).toEqual(['applied']);
      expect((await settle(store, parentId)).progress).toMatchObject({
        status: 'failed',
        failed_children: 1,
      });
    });

    test('is forgotten when a later attempt completes', async () => {
      const { store, makeDue, jobId } = await running();
      await store.report([fail(jobId, 1)]);
      await makeDue();
      await claimTasks(store);
      await store.report([{ jobId, status: 'completed', attempt: 2 }]);
      expect(await store.getJob(jobId)).toMatchObject({ status: 'completed', error: null, attempt: 2 });
    });

    test('reported twice is one failure', async () => {
      const { store, makeDue, jobId } = await running();
      expect(await reportOutcomes(store, [fail(jobId, 1), fail(jobId, 1)])).toEqual([
        'retrying',
        'duplicate',
      ]);
      expect(await reportOutcomes(store, [fail(jobId, 1)])).toEqual(['duplicate']);
      await makeDue();
      await claimTasks(store);
      expect(await reportOutcomes(store, [fail(jobId, 1)])).toEqual(['stale_attempt']);
    });

    test('of a child that nobody claimed moves no count', async () => {
      const { store } = harness();
      const parentId = await parentWith(store, ['a']);
      await settle(store, parentId);
      const { answers, changes } = await store.report([fail(await childId(store, parentId, 'a'), 1)]);
      expect(answers).toMatchObject([{ outcome: 'retrying', status: 'pending', attempt: 1 }]);
      expect(changes).toEqual([]);
      expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ pending: 1 }));
    });
  });
}
