import { connectNatsEventBus, type NatsEventBus } from '@progeny/event-bus-nats';
import { createLineWatch, type LineWatch, type Neighbours, startNeighbours } from '@progeny/infra';
import { createPrismaJobStore } from '@progeny/job-store-prisma';
import { createLog } from '@progeny/kit';
import { createWorker } from './create-worker.ts';
import type { JobHandler } from './job.ts';
import { createFakeManager, type FakeManager } from './testing/fake-manager.ts';
import { serveOverHttp } from './testing/manager-over-http.ts';
import { createHeldHandler } from './testing/worker-scene.ts';
import type { Worker, WorkerOptions } from './worker.ts';

const TOKEN = 'a.b.c';

let neighbours: Neighbours;
let bus: NatsEventBus;
let manager: FakeManager;
let http: Awaited<ReturnType<typeof serveOverHttp>>;
let log: LineWatch;
const workers: Worker[] = [];

beforeAll(async () => {
  neighbours = await startNeighbours();
  bus = connectNatsEventBus({
    url: neighbours.natsUrl,
    name: 'manager',
    log: createLog({ service: 'test', level: 'silent' }),
  });
  await bus.connected;
  const store = createPrismaJobStore({ databaseUrl: neighbours.databaseUrl, poolSize: 4, onIdleError() {} });
  manager = createFakeManager(bus, { store });
  http = await serveOverHttp(() => manager.handlers(), { token: TOKEN });
});
beforeEach(async () => {
  log = createLineWatch();
  manager.serve();
  await bus.flush();
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  await neighbours.nats.open();
});
afterAll(async () => {
  await http.close();
  await bus.close();
  await manager.store.close();
  await neighbours.stop();
});

function start(handler: JobHandler, options: Partial<WorkerOptions>): Worker {
  const worker = createWorker({
    kind: 'task',
    handler,
    concurrency: 4,
    log: createLog({ service: 'worker', level: 'info', write: log.write }),
    ...options,
  });
  workers.push(worker);
  worker.start();
  return worker;
}

const overNats = () => ({ natsUrl: neighbours.nats.url });
const overHttp = () => ({ managerUrl: http.url, token: TOKEN });
const children = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `${index}` }));

describe.each([
  ['NATS', overNats],
  ['HTTP alone', overHttp],
  ['both', () => ({ ...overNats(), ...overHttp() })],
])('over %s', (_, ways) => {
  test('jobs are claimed, worked on, led on and reported, with their progress', async () => {
    const worker = start(async (job) => {
      job.progress(50, 'halfway', 'Half of it');
      job.emit({ event: 'pipeline_started' });
      if (job.key === '0') job.addChildren([{ key: 'more' }]);
      job.keepText(`text of ${job.key}`);
      return { key: job.key };
    }, ways());
    const parentId = await manager.startParent({ children: children(20) });
    expect(await manager.ended(parentId)).toMatchObject({ status: 'completed', completed_children: 21 });
    await worker.stop();
    const all = await manager.children(parentId);
    expect(all.map(({ result }) => result?.key).sort()).toEqual(
      [...children(20).map(({ key }) => key), 'more'].sort(),
    );
    for (const { job_id } of all) {
      expect((await manager.store.listSteps(job_id)).events.map(({ step }) => step.event)).toEqual([
        'pipeline_started',
      ]);
    }
    expect(worker.counters).toMatchObject({ told: 42, progressLost: 0, handlersLeft: 0 });
  });

  test('a cancel fires the signal of what is in hand', async () => {
    const { handler, began, aborted, end } = createHeldHandler();
    start(handler, { ...ways(), leaseMs: 1_500 });
    const parentId = await manager.startParent({ children: children(1) });
    await began;
    await manager.command(parentId, 'cancel');
    expect(await aborted).toMatchObject({ name: 'JobAborted' });
    expect(await manager.ended(parentId)).toMatchObject({ status: 'cancelled' });
    end();
  });

  test('a stop hands back what is not done, at once and for another worker', async () => {
    const { handler, began } = createHeldHandler();
    const first = start(handler, { ...ways(), drainMs: 10 });
    const parentId = await manager.startParent({ children: children(1) });
    await began;
    await first.stop();
    expect(await manager.children(parentId)).toMatchObject([
      { status: 'pending', error: { error_code: 'worker_stopped' } },
    ]);
    start(() => ({ by: 'second' }), ways());
    expect(await manager.ended(parentId)).toMatchObject({ completed_children: 1 });
  });
});

test('a cancel is heard with its message, long before the next heartbeat', async () => {
  const { handler, began, aborted, end } = createHeldHandler();
  start(handler, { ...overNats(), leaseMs: 600_000 });
  const parentId = await manager.startParent({ children: children(1) });
  await began;
  await manager.command(parentId, 'cancel');
  expect(await aborted).toMatchObject({ code: 'cancelled' });
  end();
});

test('a try that takes too long is over for the ledger as for the handler', async () => {
  const { handler, aborted, end } = createHeldHandler();
  start((job) => (job.attempt === 1 ? handler(job) : { attempt: job.attempt }), overNats());
  const parentId = await manager.startParent({ children: children(1), childTimeoutMs: 300 });
  expect(await aborted).toMatchObject({ code: 'timed_out' });
  expect(await manager.ended(parentId)).toMatchObject({ completed_children: 1 });
  end();
});

test('NATS away in the midst of it: the work goes on over HTTP', async () => {
  let done = 0;
  start(
    async () => {
      done += 1;
      if (done === 10) await neighbours.nats.shut();
    },
    { ...overNats(), ...overHttp() },
  );
  const parentId = await manager.startParent({ children: children(60) });
  expect(await manager.ended(parentId)).toMatchObject({ completed_children: 60 });
  await log.said('nats is away; trying on');
});

test('a token that is not taken is told in the log, and the worker tries on', async () => {
  const worker = start(() => {}, { managerUrl: http.url, token: 'wrong' });
  await log.said('manager is away; trying on');
  expect(() => worker.assertManagerThere()).toThrow('401');
});

test('nothing is there at start: the worker begins when it comes', async () => {
  await neighbours.nats.shut();
  manager.leave();
  start(() => {}, overNats());
  await log.said('manager is away; trying on');
  const parentId = await manager.startParent({ children: children(3) });
  manager.serve();
  await neighbours.nats.open();
  expect(await manager.ended(parentId)).toMatchObject({ completed_children: 3 });
});

test('handlers that never end hold up neither the others nor the stop', async () => {
  const worker = start((job) => (job.key === '0' ? new Promise(() => {}) : {}), {
    ...overNats(),
    concurrency: 2,
    drainMs: 10,
  });
  let parentId = '';
  const nineDone = new Promise<void>((resolve) => {
    bus.subscribe({ topic: 'parent_job_progress' }, ({ payload }) => {
      if (payload.job_id === parentId && payload.completed_children === 9) resolve();
    });
  });
  parentId = await manager.startParent({ children: children(10) });
  await nineDone;
  await worker.stop();
  expect(await manager.children(parentId)).toMatchObject([
    { status: 'pending', error: { error_code: 'worker_stopped' } },
    ...Array.from({ length: 9 }, () => ({ status: 'completed' })),
  ]);
  await manager.command(parentId, 'cancel');
});
