import { JobFailure } from './job-failure.ts';
import { createHeldHandler, createWorkerScene, type WorkerScene } from './testing/worker-scene.ts';

let scene: WorkerScene;
beforeEach(() => {
  scene = createWorkerScene();
});
afterEach(() => scene.close());

const one = [{ key: 'a', payload: { n: 1 } }];

test('a handler gets its job and its result is stored', async () => {
  const seen: unknown[] = [];
  scene.start(({ id, parentId, kind, key, payload, attempt, parent }) => {
    seen.push({ id, parentId, kind, key, payload, attempt, parent });
    return { doubled: Number(payload.n) * 2 };
  });
  const parentId = await scene.manager.startParent({ children: one, spec: { type: 'custom', unit: 'm' } });
  expect(await scene.manager.ended(parentId)).toMatchObject({ status: 'completed' });
  const [child] = await scene.manager.children(parentId);
  expect(child).toMatchObject({ status: 'completed', result: { doubled: 2 }, error: null });
  expect(seen).toEqual([
    {
      id: child?.job_id,
      parentId,
      kind: 'task',
      key: 'a',
      payload: { n: 1 },
      attempt: 1,
      parent: { type: 'custom', unit: 'm' },
    },
  ]);
});

test('children that a job adds come in with its end, so that the parent does not end before them', async () => {
  scene.start(({ key, addChildren }) => {
    if (key === 'a') addChildren([{ key: 'b' }, { key: 'c', payload: { deep: true } }, { key: 'b' }]);
  });
  const parentId = await scene.manager.startParent({ children: one });
  expect(await scene.manager.ended(parentId)).toMatchObject({ total_children: 3, completed_children: 3 });
  expect((await scene.manager.children(parentId)).map(({ key, payload }) => [key, payload])).toEqual([
    ['a', { n: 1 }],
    ['b', {}],
    ['c', { deep: true }],
  ]);
});

test('a job that fails adds no children, and says why in the words of the handler', async () => {
  scene.start(({ addChildren }) => {
    addChildren([{ key: 'b' }]);
    throw new JobFailure({
      error_code: 'no_such_shop',
      user_message: 'The shop is closed.',
      technical_detail: 'status 410',
      result: { status: 410 },
    });
  });
  const parentId = await scene.manager.startParent({ children: one });
  expect(await scene.manager.ended(parentId)).toMatchObject({ status: 'failed', total_children: 1 });
  expect(await scene.manager.children(parentId)).toMatchObject([
    {
      attempt: 1,
      result: { status: 410 },
      error: {
        error_code: 'no_such_shop',
        user_message: 'The shop is closed.',
        technical_detail: 'status 410',
      },
    },
  ]);
});

test('a failure that may pass is tried again', async () => {
  scene.start(({ attempt }) => {
    if (attempt === 1) throw new Error('not today');
    return { attempt };
  });
  const parentId = await scene.manager.startParent({ children: one });
  expect(await scene.manager.ended(parentId)).toMatchObject({ completed_children: 1 });
  expect(await scene.manager.children(parentId)).toMatchObject([{ attempt: 2, result: { attempt: 2 } }]);
});

test('a job can be skipped, with a reason', async () => {
  scene.start((job) => job.skip('Nothing to do here.'));
  const parentId = await scene.manager.startParent({ children: one });
  expect(await scene.manager.ended(parentId)).toMatchObject({ skipped_children: 1 });
  expect(await scene.manager.children(parentId)).toMatchObject([
    { status: 'skipped', error: { error_code: 'skipped', user_message: 'Nothing to do here.' } },
  ]);
});

test('no more jobs are in hand than it may have, and none of another kind', async () => {
  let running = 0;
  let most = 0;
  scene.start(
    async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
    },
    { concurrency: 3 },
  );
  const children = Array.from({ length: 40 }, (_, index) => ({ key: `${index}` }));
  const other = await scene.manager.startParent({ children: one, childType: 'other' });
  const parentId = await scene.manager.startParent({ children });
  expect(await scene.manager.ended(parentId)).toMatchObject({ completed_children: 40 });
  expect(most).toBe(3);
  expect(await scene.manager.children(other)).toMatchObject([{ status: 'pending' }]);
});

test('while the manager is away ends are kept, and told when it is back', async () => {
  let done = 0;
  let onDone: () => void = () => {};
  const worked = new Promise<void>((resolve) => {
    onDone = resolve;
  });
  const { began, handler, end } = createHeldHandler();
  const worker = scene.start(async (job) => {
    await handler(job);
    done += 1;
    if (done === 3) onDone();
  });
  const parentId = await scene.manager.startParent({
    children: [{ key: 'a' }, { key: 'b' }, { key: 'c' }],
  });
  await began;
  scene.manager.leave();
  end();
  await worked;
  await scene.log.said('manager is away; trying on');
  expect(worker.reportsWaiting).toBe(3);
  expect(() => worker.assertManagerThere()).toThrow();
  scene.manager.serve();
  expect(await scene.manager.ended(parentId)).toMatchObject({ completed_children: 3 });
  await scene.log.said('manager is back');
});

test('what it tells of its progress is stored, and the work runs the same when that fails', async () => {
  const handler = createHeldHandler();
  const worker = scene.start(async (job) => {
    job.progress(40, 'parsing', 'Reading');
    job.emit({ event: 'pipeline_started' });
    return handler.handler(job);
  });
  const parentId = await scene.manager.startParent({ children: one });
  const { id } = await handler.began;
  while (scene.manager.asked('progress') === 0) await new Promise(setImmediate);
  expect(await scene.manager.children(parentId)).toMatchObject([
    { progress_percentage: 40, progress_stage: 'parsing', progress_label: 'Reading' },
  ]);
  expect((await scene.manager.store.listSteps(id)).events).toMatchObject([
    { number: 1, step: { event: 'pipeline_started' } },
  ]);
  scene.manager.serve({ progress: () => Promise.reject(new Error('the progress table is gone')) });
  const job = await handler.began;
  job.progress(60, 'extracting');
  await scene.log.said('progress was lost');
  handler.end();
  expect(await scene.manager.ended(parentId)).toMatchObject({ completed_children: 1 });
  expect(worker.counters).toMatchObject({ told: 3, ignored: 0, progressSent: 2, progressLost: 1 });
});

test('steps that were told right before the end of the job are stored all the same', async () => {
  scene.start(({ emit, progress }) => {
    progress(80, 'storing');
    emit({ event: 'page_done', page_index: 0, duration_ms: 3, success: true });
    emit({ event: 'pipeline_done', success: true });
  });
  const parentId = await scene.manager.startParent({ children: one });
  await scene.manager.ended(parentId);
  const [child] = await scene.manager.children(parentId);
  while (scene.manager.asked('progress') === 0) await new Promise(setImmediate);
  const { events } = await scene.manager.store.listSteps(child?.job_id ?? '');
  expect(events.map(({ step }) => step.event)).toEqual(['page_done', 'pipeline_done']);
});
