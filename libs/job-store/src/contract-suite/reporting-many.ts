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
  runningChild,
  settle,
  UNKNOWN_ID,
} from './scene.ts';

export function describeReportingMany(harness: () => JobStoreHarness): void {
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
      const { store, truth, parentId, jobId } = await runningChild(harness(), { sealed: true });
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
      const { store, truth, parentId, jobId } = await runningChild(harness());
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
