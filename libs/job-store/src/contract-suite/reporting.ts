import { childViewSchema, type JobError, jobStatusChangeSchema } from '@progeny/contract';
import { MAX_ATTEMPTS } from '@progeny/core';
import type { JobStoreHarness } from './harness.ts';
import {
  brief,
  childByKey,
  childId,
  claimTasks,
  counts,
  countsOf,
  inputs,
  numbered,
  parentWith,
  reportOutcomes,
  settle,
  UNKNOWN_ID,
} from './scene.ts';

const broken: JobError = {
  error_code: 'http_503',
  user_message: 'The site is down.',
  technical_detail: 'GET',
};

export function describeReporting(harness: () => JobStoreHarness): void {
  /** A parent with one child `a` that runs in attempt 1. */
  async function running(more: Parameters<typeof parentWith>[2] = {}) {
    const { store } = harness();
    const parentId = await parentWith(store, ['a'], more);
    await claimTasks(store);
    return { ...harness(), parentId, jobId: await childId(store, parentId, 'a') };
  }

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

  describe('a batch', () => {
    test('is answered in its order, whatever became of each', async () => {
      const { store } = harness();
      const parentId = await parentWith(store, numbered(4));
      const [k0 = '', k1 = '', k2 = '', k3 = ''] = await Promise.all(
        numbered(4).map((key) => childId(store, parentId, key)),
      );
      await store.report([{ jobId: k1, status: 'completed', attempt: 1 }]);
      await store.report([{ jobId: k2, status: 'running', attempt: 2 }]);
      const { answers, changes } = await store.report([
        { jobId: k3, status: 'skipped', attempt: 1 },
        { jobId: k1, status: 'completed', attempt: 1 },
        { jobId: UNKNOWN_ID, status: 'completed', attempt: 1 },
        { jobId: k2, status: 'failed', attempt: 1 },
        { jobId: k0, status: 'completed', attempt: 1 },
        { jobId: k1, status: 'running', attempt: 1 },
      ]);
      expect(answers.map(({ job_id, outcome }) => [job_id, outcome])).toEqual([
        [k3, 'applied'],
        [k1, 'duplicate'],
        [UNKNOWN_ID, 'unknown_job'],
        [k2, 'stale_attempt'],
        [k0, 'applied'],
        [k1, 'illegal_transition'],
      ]);
      expect(changes.map(({ job_id }) => job_id).sort()).toEqual([k0, k3].sort());
      const expected = counts({ running: 1, completed: 2, skipped: 1 });
      expect(countsOf((await settle(store, parentId)).progress)).toEqual(expected);
    });

    test('may hold one child more than once, and takes each as if it came alone', async () => {
      const { store } = harness();
      const parentId = await parentWith(store, ['a', 'b']);
      const [a, b] = [await childId(store, parentId, 'a'), await childId(store, parentId, 'b')];
      const { answers, changes } = await store.report([
        { jobId: a, status: 'running', attempt: 1 },
        { jobId: b, status: 'completed', attempt: 1 },
        { jobId: a, status: 'completed', attempt: 1 },
        { jobId: a, status: 'failed', attempt: 1 },
        { jobId: b, status: 'completed', attempt: 1 },
      ]);
      expect(answers.map(({ outcome }) => outcome)).toEqual([
        'applied',
        'applied',
        'applied',
        'illegal_transition',
        'duplicate',
      ]);
      const ofA = changes.filter(({ job_id }) => job_id === a);
      expect(ofA.map(brief)).toEqual(['pending -> running', 'running -> completed']);
      expect(ofA.map(({ version }) => version)).toEqual([2, 3]);
      expect(changes).toHaveLength(3);
      expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ completed: 2 }));
    });

    test('of none is an empty answer', async () => {
      expect(await harness().store.report([])).toEqual({ answers: [], changes: [] });
    });

    test('the same reports at the same time are applied once', async () => {
      const { store } = harness();
      const parentId = await parentWith(store, numbered(20));
      const { children } = await claimTasks(store);
      const reports = children.map(({ job_id }) => ({
        jobId: job_id,
        status: 'completed' as const,
        attempt: 1,
      }));
      // Opposite orders, so that an implementation that locks row by row would deadlock.
      const all = await Promise.all(
        numbered(6).map((_, index) => store.report(index % 2 === 0 ? reports : [...reports].reverse())),
      );
      expect(all.flatMap(({ changes }) => changes)).toHaveLength(20);
      const outcomes = all.flatMap(({ answers }) => answers.map(({ outcome }) => outcome));
      expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(20);
      expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(100);
      expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ completed: 20 }));
    });
  });

  describe('children found on the way', () => {
    test('stand as soon as their finder has ended, so the parent does not end too early', async () => {
      const { store, truth, parentId, jobId } = await running({ sealed: true });
      const { changes } = await store.report([
        { jobId, status: 'completed', attempt: 1, children: inputs('b', 'c', 'b', 'a') },
      ]);
      expect(changes.map(brief).sort()).toEqual([
        'null -> pending',
        'null -> pending',
        'running -> completed',
      ]);
      expect(await truth(parentId)).toEqual(counts({ pending: 2, completed: 1 }));
      expect((await settle(store, parentId)).progress).toMatchObject({
        status: 'running',
        total_children: 3,
      });
      expect(await childByKey(store, parentId, 'c')).toMatchObject({
        status: 'pending',
        payload: { key: 'c' },
      });
    });

    test('come only with a report that is applied', async () => {
      const { store, truth, parentId, jobId } = await running();
      const children = inputs('b');
      await store.report([{ jobId, status: 'failed', attempt: 1, retryable: true, children }]);
      expect(await truth(parentId)).toEqual(counts({ pending: 1 }));
      await store.report([{ jobId, status: 'completed', attempt: 1 }]);
      await store.report([{ jobId, status: 'completed', attempt: 1, children }]);
      await store.report([{ jobId, status: 'failed', attempt: 1, children }]);
      expect(await truth(parentId)).toEqual(counts({ completed: 1 }));
    });

    test('found by several at once stand once, within maxChildren', async () => {
      const { store, truth } = harness();
      const parentId = await parentWith(store, numbered(8), { sealed: true, maxChildren: 20 });
      const { children } = await claimTasks(store);
      await Promise.all(
        children.map(({ job_id }, index) =>
          store.report([
            {
              jobId: job_id,
              status: 'completed',
              attempt: 1,
              children: inputs('shared', ...numbered(4, `of${index}-`)),
            },
          ]),
        ),
      );
      expect(await truth(parentId)).toEqual(counts({ completed: 8, pending: 12 }));
      expect(countsOf((await settle(store, parentId)).progress)).toEqual(
        counts({ completed: 8, pending: 12 }),
      );
    });

    test('by two reports of one batch stand once', async () => {
      const { store, truth } = harness();
      const parentId = await parentWith(store, ['a', 'b']);
      const { children } = await claimTasks(store);
      const { changes } = await store.report(
        children.map(({ job_id }) => ({
          jobId: job_id,
          status: 'completed' as const,
          attempt: 1,
          children: inputs('x', 'y'),
        })),
      );
      expect(changes.filter(({ from }) => from === null)).toHaveLength(2);
      expect(await truth(parentId)).toEqual(counts({ completed: 2, pending: 2 }));
    });
  });
}
