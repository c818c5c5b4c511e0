import { createHeldHandler, createWorkerScene, type WorkerScene } from './testing/worker-scene.ts';

let scene: WorkerScene;
beforeEach(() => {
  scene = createWorkerScene();
});
afterEach(() => scene.close());

const one = [{ key: 'a' }];

test('a cancel fires the signal with its one message, and nothing of the job is reported', async () => {
  const { handler, began, aborted, end } = createHeldHandler();
  // The heartbeat comes long after.
  scene.start(handler, { leaseMs: 600_000 });
  const parentId = await scene.manager.startParent({ children: one });
  await began;
  await scene.manager.command(parentId, 'cancel');
  expect(await aborted).toMatchObject({ name: 'JobAborted', code: 'cancelled' });
  end({ late: true });
  expect(await scene.manager.ended(parentId)).toMatchObject({ status: 'cancelled', cancelled_children: 1 });
  await scene.close();
  expect(scene.manager.asked('report')).toBe(0);
  expect(scene.manager.asked('heartbeat')).toBe(0);
});

test('the cancel of another parent is none of its business', async () => {
  const { handler, began, end } = createHeldHandler();
  scene.start(handler);
  const other = await scene.manager.startParent({ children: one, childType: 'other' });
  const parentId = await scene.manager.startParent({ children: one });
  const job = await began;
  await scene.manager.command(other, 'cancel');
  end();
  expect(await scene.manager.ended(parentId)).toMatchObject({ completed_children: 1 });
  expect(job.signal.aborted).toBe(false);
});

test('a lost lease is told by the heartbeat, and fires the signal', async () => {
  const { handler, aborted, began, end } = createHeldHandler();
  scene.manager.serve({
    heartbeat: async ({ children }) => ({ lost: children.map(({ job_id }) => job_id) }),
  });
  scene.start(handler, { leaseMs: 1_000 });
  await scene.manager.startParent({ children: one });
  await began;
  expect(await aborted).toMatchObject({ code: 'lease_lost' });
  end();
  await scene.close();
  expect(scene.manager.asked('report')).toBe(0);
});

test('a heartbeat that is answered late does not take the next attempt of the same child', async () => {
  let answer: () => void = () => {};
  const asked = new Promise<void>((resolve) => {
    scene.manager.serve({
      heartbeat: async ({ children }) => {
        if (children[0]?.attempt !== 1) return { lost: [] };
        resolve();
        await new Promise<void>((proceed) => {
          answer = proceed;
        });
        return { lost: children.map(({ job_id }) => job_id) };
      },
    });
  });
  const signals: AbortSignal[] = [];
  let onSecond: () => void = () => {};
  const second = new Promise<void>((resolve) => {
    onSecond = resolve;
  });
  scene.start(
    async ({ attempt, signal }) => {
      signals.push(signal);
      if (attempt === 1) {
        await asked;
        throw new Error('again');
      }
      onSecond();
      answer();
      // The answer is there after the turns that it takes; the job must outlive it.
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
      return {};
    },
    { leaseMs: 1_000 },
  );
  const parentId = await scene.manager.startParent({ children: one });
  await second;
  expect(await scene.manager.ended(parentId)).toMatchObject({ completed_children: 1 });
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
});

test('a try that takes longer than it may is given up, told, and tried again', async () => {
  const codes: unknown[] = [];
  scene.start(({ attempt, signal }) => {
    if (attempt > 1) return {};
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        codes.push(signal.reason.code);
        reject(signal.reason);
      });
    });
  });
  const parentId = await scene.manager.startParent({ children: one, childTimeoutMs: 60 });
  expect(await scene.manager.ended(parentId)).toMatchObject({ completed_children: 1 });
  expect(codes).toEqual(['timed_out']);
});

test('a worker that stops ends what it has in hand when there is time', async () => {
  const { handler, began, end } = createHeldHandler();
  const worker = scene.start(handler);
  const parentId = await scene.manager.startParent({ children: one });
  const job = await began;
  const stopped = worker.stop();
  job.emit({ event: 'pipeline_done', success: true });
  end({ done: true });
  await stopped;
  expect(job.signal.aborted).toBe(false);
  expect((await scene.manager.store.listSteps(job.id)).events).toHaveLength(1);
  expect(await scene.manager.children(parentId)).toMatchObject([
    { status: 'completed', result: { done: true } },
  ]);
});

test('and hands it back when there is none, even if the handler goes on', async () => {
  const { handler, began, aborted } = createHeldHandler();
  const worker = scene.start(handler, { drainMs: 20 });
  const parentId = await scene.manager.startParent({ children: one });
  await began;
  await worker.stop();
  expect(await aborted).toMatchObject({ code: 'worker_stopped' });
  expect(await scene.manager.children(parentId)).toMatchObject([
    { status: 'pending', attempt: 1, error: { error_code: 'worker_stopped' } },
  ]);
  expect([worker.inHand, worker.counters.handlersLeft]).toEqual([0, 1]);
});
