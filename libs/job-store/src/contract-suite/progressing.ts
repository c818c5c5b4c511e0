import type { ChildProgressReport, JobStore } from '../job-store.ts';
import type { JobStoreHarness } from './harness.ts';
import {
  childByKey,
  childId,
  childSnapshotOf,
  claimTasks,
  parentWith,
  reportKeys,
  runningChild,
  settle,
  UNKNOWN_ID,
} from './scene.ts';

const save = (store: JobStore, ...reports: Omit<ChildProgressReport, 'steps'>[]) =>
  store.saveProgress(reports.map((report) => ({ ...report, steps: [] })));

export function describeProgressing(harness: () => JobStoreHarness): void {
  test('what is stored is what is told, and what everybody reads', async () => {
    const owner = { tenantId: 'other', userId: 'bob' };
    const { store, parentId, jobId } = await runningChild(harness(), { owner });
    const { version } = await childByKey(store, parentId, 'a');
    const saved = await save(store, { jobId, progress: 40, stage: 'parsing', label: 'Parsing' });
    const payload = {
      ...{ job_id: jobId, parent_id: parentId, operation_type: 'task', version: version + 1 },
      ...{ progress: 40, stage: 'parsing', label: 'Parsing' },
    };
    expect(saved).toEqual({ outcomes: ['applied'], progress: [{ owner, payload }], steps: [] });
    expect(await childSnapshotOf(store, jobId)).toMatchObject({ progress: payload });
    expect(await store.getJob(jobId)).toMatchObject({
      ...{ progress_percentage: 40, progress_stage: 'parsing', progress_label: 'Parsing' },
      ...{ version: version + 1, status: 'running' },
    });
  });

  test('parts that are left out stay, but a stage without a label clears it', async () => {
    const { store, jobId } = await runningChild(harness());
    const shown = async (report: Omit<ChildProgressReport, 'steps' | 'jobId'>) =>
      (await save(store, { jobId, ...report })).progress[0]?.payload;
    await shown({ progress: 10, stage: 'fetching', label: 'Fetching' });
    expect(await shown({ progress: 20 })).toMatchObject({
      progress: 20,
      stage: 'fetching',
      label: 'Fetching',
    });
    expect(await shown({ label: 'Still' })).toMatchObject({
      progress: 20,
      stage: 'fetching',
      label: 'Still',
    });
    expect(await shown({ stage: 'storing' })).toMatchObject({ progress: 20, stage: 'storing', label: '' });
    expect(await shown({ progress: 5 })).toMatchObject({ progress: 5, stage: 'storing', label: '' });
  });

  test('of one child in one batch the last of each part counts, as one store', async () => {
    const { store, parentId, jobId } = await runningChild(harness());
    const { version } = await childByKey(store, parentId, 'a');
    const saved = await save(
      store,
      { jobId, progress: 10, stage: 'fetching', label: 'Fetching' },
      { jobId, progress: 60 },
      { jobId, stage: 'parsing' },
      { jobId, progress: 40 },
    );
    expect(saved.outcomes).toEqual(Array(4).fill('applied'));
    expect(saved.progress.map(({ payload }) => payload)).toMatchObject([
      { progress: 40, stage: 'parsing', label: '', version: version + 1 },
    ]);
  });

  test('a batch of many children answers each, in the order given', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['pending', 'ended', 'one', 'other']);
    await reportKeys(store, parentId, { ended: 'completed', one: 'running', other: 'running' });
    const id = (key: string) => childId(store, parentId, key);
    const [one, other] = [await id('one'), await id('other')];
    const { outcomes, progress } = await save(
      store,
      { jobId: await id('pending'), progress: 1 },
      { jobId: one, progress: 2 },
      { jobId: UNKNOWN_ID, progress: 3 },
      { jobId: await id('ended'), progress: 4 },
      { jobId: other, progress: 5, attempt: 1 },
      { jobId: other, progress: 6, attempt: 0 },
      { jobId: parentId, progress: 7 },
    );
    expect(outcomes).toEqual([
      ...['not_running', 'applied', 'unknown_job', 'not_running', 'applied', 'stale_attempt', 'not_running'],
    ]);
    const told = new Map(progress.map(({ payload }) => [payload.job_id, payload.progress]));
    expect(told).toEqual(
      new Map([
        [one, 2],
        [other, 5],
      ]),
    );
  });

  test('an older try says nothing of the present one, which begins anew', async () => {
    const { store, expireLeases, parentId, jobId } = await runningChild(harness());
    await save(store, { jobId, attempt: 1, progress: 60, stage: 'extracting', label: 'Extracting' });
    await expireLeases();
    await store.reapExpired(10);
    const queued = { progress_percentage: 0, progress_stage: 'queued', progress_label: '' };
    expect(await childByKey(store, parentId, 'a')).toMatchObject({ status: 'pending', ...queued });
    await claimTasks(store);
    expect(await childByKey(store, parentId, 'a')).toMatchObject({ status: 'running', ...queued });
    expect((await save(store, { jobId, attempt: 1, progress: 90 })).outcomes).toEqual(['stale_attempt']);
    expect(await childByKey(store, parentId, 'a')).toMatchObject(queued);
    expect((await save(store, { jobId, attempt: 2, progress: 10 })).outcomes).toEqual(['applied']);
  });

  test('a completed child is complete, one that ended otherwise shows how far it came', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b']);
    await claimTasks(store);
    for (const key of ['a', 'b']) {
      await save(store, { jobId: await childId(store, parentId, key), progress: 40, stage: 'parsing' });
    }
    await reportKeys(store, parentId, { a: 'completed', b: 'failed' });
    expect(await childByKey(store, parentId, 'a')).toMatchObject({
      ...{ progress_percentage: 100, progress_stage: 'complete', progress_label: '' },
    });
    expect(await childByKey(store, parentId, 'b')).toMatchObject({
      ...{ progress_percentage: 40, progress_stage: 'parsing' },
    });
  });

  test('it is no change of status: the counts and the parent stay as they are', async () => {
    const { store, parentId, jobId } = await runningChild(harness());
    const { progress } = await settle(store, parentId);
    await save(store, { jobId, progress: 50 });
    expect(await store.findUnfolded(10)).toEqual([]);
    expect(await settle(store, parentId)).toMatchObject({ progress, changes: [], lifecycle: [] });
  });

  test('reports beside each other all come through, each with a version of its own', async () => {
    const { store, jobId } = await runningChild(harness());
    const saved = await Promise.all(
      Array.from({ length: 8 }, (_, index) => save(store, { jobId, progress: index })),
    );
    const told = saved.flatMap(({ progress }) => progress.map(({ payload }) => payload));
    expect(new Set(told.map(({ version }) => version)).size).toBe(8);
    const last = told.reduce((a, b) => (a.version > b.version ? a : b));
    expect(await childSnapshotOf(store, jobId)).toMatchObject({ progress: last });
  });

  test('an empty batch is harmless', async () => {
    expect(await harness().store.saveProgress([])).toEqual({ outcomes: [], progress: [], steps: [] });
  });
}
