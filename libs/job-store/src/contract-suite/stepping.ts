import { LIMITS, type PipelineStep } from '@progeny/contract';
import type { JobStoreHarness } from './harness.ts';
import { childByKey, claimTasks, parentWith, refusal, runningChild, UNKNOWN_ID } from './scene.ts';

const page = (page_index: number): PipelineStep => ({ event: 'page_started', page_index });
const pages = (count: number, first = 0) => Array.from({ length: count }, (_, index) => page(first + index));

export function describeStepping(harness: () => JobStoreHarness): void {
  test('steps are numbered as they are stored, and read oldest first', async () => {
    const owner = { tenantId: 'other', userId: 'bob' };
    const { store, parentId, jobId } = await runningChild(harness(), { owner });
    const steps: PipelineStep[] = [
      { event: 'pipeline_started', detail: { url: 'https://site.example/', deep: { down: [1] } } },
      { event: 'page_done', page_index: 0, duration_ms: 12, success: true },
    ];
    const first = await store.saveProgress([{ jobId, steps }]);
    expect(first).toMatchObject({ outcomes: ['applied'], progress: [] });
    const more = await store.saveProgress([
      { jobId, attempt: 1, progress: 50, steps: [{ event: 'extract_done' }] },
    ]);
    expect(more.progress).toHaveLength(1);
    const told = [...first.steps, ...more.steps];
    const job = { job_id: jobId, parent_id: parentId, operation_type: 'task' };
    expect(told).toEqual(
      [...steps, { event: 'extract_done' }].map((step, index) => ({
        owner,
        payload: { ...job, number: index + 1, at: expect.any(String), step },
      })),
    );
    const { events } = await store.listSteps(jobId);
    expect(events).toEqual(told.map(({ payload: { number, at, step } }) => ({ number, at, step })));
  });

  test('several reports of several jobs in one batch keep their order in each', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b']);
    const [a = '', b = ''] = (await claimTasks(store)).children.map(({ job_id }) => job_id);
    const { outcomes } = await store.saveProgress([
      { jobId: a, steps: pages(2) },
      { jobId: parentId, steps: [{ event: 'pipeline_started' }] },
      { jobId: b, progress: 10, steps: [page(7)] },
      { jobId: a, steps: pages(1, 2) },
      { jobId: UNKNOWN_ID, steps: [page(0)] },
    ]);
    expect(outcomes).toEqual(['applied', 'applied', 'applied', 'applied', 'unknown_job']);
    const read = async (id: string) =>
      (await store.listSteps(id)).events.map(({ number, step }) => ({ number, step }));
    expect(await read(a)).toEqual(pages(3).map((step, index) => ({ number: index + 1, step })));
    expect(await read(b)).toEqual([{ number: 1, step: page(7) }]);
    expect(await read(parentId)).toEqual([{ number: 1, step: { event: 'pipeline_started' } }]);
  });

  test('those of a parent are its own', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a'], { type: 'crawl' });
    const { steps } = await store.saveProgress([{ jobId: parentId, steps: [{ event: 'assembly_done' }] }]);
    expect(steps).toMatchObject([
      { payload: { job_id: parentId, parent_id: null, operation_type: 'crawl', number: 1 } },
    ]);
  });

  test('the newest are kept, and numbers count on', async () => {
    const { store, jobId } = await runningChild(harness());
    const kept = LIMITS.pipelineEventsKept;
    await store.saveProgress([{ jobId, steps: pages(kept - 1) }]);
    await store.saveProgress([{ jobId, steps: pages(3, kept - 1) }]);
    const numbersOf = async () => (await store.listSteps(jobId)).events.map(({ number }) => number);
    expect(await numbersOf()).toEqual(Array.from({ length: kept }, (_, index) => index + 3));
    const flood = await store.saveProgress([
      { jobId, steps: pages(kept) },
      { jobId, steps: pages(kept) },
    ]);
    expect(flood.steps).toHaveLength(2 * kept);
    expect(await numbersOf()).toEqual(Array.from({ length: kept }, (_, index) => index + 2 * kept + 3));
  });

  test('writers beside each other make neither a gap nor a twin', async () => {
    const { store, jobId } = await runningChild(harness());
    await Promise.all(
      Array.from({ length: 6 }, (_, index) => store.saveProgress([{ jobId, steps: pages(5, index) }])),
    );
    const { events } = await store.listSteps(jobId);
    expect(events.map(({ number }) => number)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  });

  test('what happened before the end may be told after it, but not of an older try', async () => {
    const { store, jobId, expireLeases, parentId } = await runningChild(harness());
    await expireLeases();
    await store.reapExpired(10);
    await claimTasks(store);
    await store.report([{ jobId, status: 'completed', attempt: 2 }]);
    const { version } = await childByKey(store, parentId, 'a');
    const { outcomes } = await store.saveProgress([
      { jobId, attempt: 1, steps: [page(1)] },
      { jobId, attempt: 2, steps: [{ event: 'pipeline_done', success: true }] },
      { jobId, attempt: 2, progress: 90, steps: [page(2)] },
    ]);
    expect(outcomes).toEqual(['stale_attempt', 'applied', 'not_running']);
    expect((await store.listSteps(jobId)).events).toMatchObject([
      { number: 1, step: { event: 'pipeline_done' } },
    ]);
    expect(await childByKey(store, parentId, 'a')).toMatchObject({ version });
  });

  test('a job without steps has none, and an unknown one is refused', async () => {
    const { store, parentId, jobId } = await runningChild(harness());
    expect(await store.listSteps(jobId)).toEqual({ events: [] });
    expect(await store.listSteps(parentId)).toEqual({ events: [] });
    expect(await refusal(store.listSteps(UNKNOWN_ID))).toBe('job_not_found');
  });
}
