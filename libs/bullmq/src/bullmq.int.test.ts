import type { ChildView } from '@progeny/contract';
import { createReporter, type Reporter, type ReporterOptions } from '@progeny/reporter';
import { FlowProducer, type Job, type Processor, UnrecoverableError } from 'bullmq';
import { attachBullMQ } from './attach-bullmq.ts';
import type { AttachOptions, BullMQBridge } from './bridge.ts';
import { type BullmqScene, startBullmqScene } from './testing/bullmq-scene.ts';
import { type Progeny, startProgeny } from './testing/progeny.ts';

let progeny: Progeny;
let scene: BullmqScene;
let tests = 0;
let name: string;

beforeAll(async () => {
  [progeny, scene] = await Promise.all([startProgeny(), startBullmqScene()]);
}, 120_000);
beforeEach(() => {
  tests += 1;
  name = `queue-${tests}`;
});
afterEach(() => scene.tidy());
afterAll(async () => {
  await scene?.stop();
  await progeny?.stop();
});

const WAIT_MS = 25_000;
const today = () => `${name} ${new Date().toISOString().slice(0, 10)}`;

function report(options: Partial<ReporterOptions> = {}): Reporter {
  const reporter = createReporter({ url: progeny.url, flushMs: 5, ...options });
  scene.onClose(() => reporter.close(0));
  return reporter;
}

/** Attached to a queue as most will have it: the worker, and the events of the queue. */
async function attach(
  processor: Processor,
  {
    reporter = report(),
    sources = ['worker', 'events'],
    concurrency = 4,
    ...options
  }: Partial<AttachOptions> & { sources?: ('worker' | 'events')[]; concurrency?: number } = {},
) {
  const queue = scene.queue(name);
  const queueEvents = await scene.events(name);
  const worker = await scene.worker(name, processor, {
    concurrency,
    autorun: false,
    stalledInterval: 500,
    lockDuration: 1_000,
  });
  const bridge = attachBullMQ({
    reporter,
    queue,
    ...(sources.includes('worker') && { worker }),
    ...(sources.includes('events') && { queueEvents }),
    ...options,
  });
  scene.onClose(() => bridge.close());
  return { bridge, queue, queueEvents, worker, reporter };
}

/** Everything that was heard so far is in the ledger. */
async function told(bridge: BullMQBridge, reporter: Reporter): Promise<void> {
  await bridge.settle();
  expect(await reporter.flush(WAIT_MS)).toBe(true);
}

const childOf = (children: ChildView[], job: Job): ChildView => {
  const found = children.find(({ key }) => key === job.id || key === `${job.queueName}:${job.id}`);
  if (!found) throw new Error(`no child for job ${job.id}`);
  return found;
};

describe.each([[['worker', 'events'] as const], [['worker'] as const], [['events'] as const]])(
  'heard by %s',
  (given) => {
    const sources = [...given];

    test(
      'a job goes from pending over running to completed, and its result is kept',
      async () => {
        let begin = () => {};
        const mayEnd = new Promise<void>((resolve) => {
          begin = resolve;
        });
        const processor = async (job: Job) => {
          await job.updateProgress({ percent: 40, stage: 'parsing', label: 'Reading' });
          await mayEnd;
          return { pages: 3 };
        };
        const { bridge, queue, queueEvents, worker, reporter } = await attach(processor, { sources });
        const job = await queue.add('crawl', { url: 'https://a.example/' });
        await bridge.repair();
        await told(bridge, reporter);
        const parent = await progeny.parentNamed(today());
        const child = async () => childOf(await progeny.childrenOf(parent.job_id), job);
        expect(await child()).toMatchObject({
          status: 'pending',
          type: 'bullmq',
          payload: { job_name: 'crawl', url: 'https://a.example/' },
        });

        const progressed = new Promise((resolve) => queueEvents.once('progress', resolve));
        void worker.run();
        await progressed;
        await told(bridge, reporter);
        expect(await child()).toMatchObject({
          status: 'running',
          attempt: 1,
          progress_percentage: 40,
          progress_stage: 'parsing',
          progress_label: 'Reading',
        });

        begin();
        await progeny.progressWhere(parent.job_id, ({ completed_children: done }) => done === 1);
        expect(await child()).toMatchObject({
          status: 'completed',
          attempt: 1,
          result: { pages: 3 },
          error: null,
        });
        const counts = await progeny.progressWhere(
          parent.job_id,
          (progress) => progress.completed_children === 1,
        );
        expect(counts).toMatchObject({ total_children: 1, sealed: false, status: 'running' });
      },
      WAIT_MS,
    );

    test(
      'a job that is tried again stays open; only the last failure is one, and says why',
      async () => {
        const processor = async (job: Job) => {
          if (job.attemptsMade < 2) throw new Error('not yet');
          throw new TypeError('never');
        };
        const { bridge, queue, queueEvents, worker, reporter } = await attach(processor, { sources });
        const job = await queue.add('fails', {}, { attempts: 3 });
        void worker.run();
        await expect(job.waitUntilFinished(queueEvents)).rejects.toThrow('never');
        await told(bridge, reporter);
        const parent = await progeny.parentNamed(today());
        expect(childOf(await progeny.childrenOf(parent.job_id), job)).toMatchObject({
          status: 'failed',
          attempt: 3,
          error: {
            error_code: 'type_error',
            user_message: 'never',
            technical_detail: expect.stringContaining('bullmq.int.test.ts'),
          },
        });
        expect(reporter.counters).toMatchObject({ lost: 0, refused: 0 });
      },
      WAIT_MS,
    );

    test(
      'many jobs at once are counted exactly',
      async () => {
        const processor = async (job: Job) => {
          if (job.data.at % 5 === 0) throw new UnrecoverableError('every fifth');
          return job.data.at;
        };
        const { bridge, queue, queueEvents, worker, reporter } = await attach(processor, {
          sources,
          concurrency: 20,
        });
        const jobs = await queue.addBulk(
          Array.from({ length: 300 }, (_, at) => ({ name: 'one', data: { at } })),
        );
        void worker.run();
        await Promise.allSettled(jobs.map((job) => job.waitUntilFinished(queueEvents)));
        await told(bridge, reporter);
        const parent = await progeny.parentNamed(today());
        const counts = await progeny.progressWhere(
          parent.job_id,
          ({ completed_children: done }) => done === 240,
        );
        expect(counts).toMatchObject({ total_children: 300, failed_children: 60, pending_children: 0 });
        expect(reporter.counters).toMatchObject({ lost: 0, refused: 0 });
      },
      WAIT_MS,
    );
  },
);

test(
  'a job that stalled is taken up by another worker, as the next try',
  async () => {
    let release = () => {};
    const hung = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = await scene.worker(name, () => hung, {
      skipLockRenewal: true,
      skipStalledCheck: true,
      lockDuration: 300,
    });
    scene.onClose(async () => release());
    const active = new Promise((resolve) => first.once('active', resolve));
    const { bridge, queue, queueEvents, worker, reporter } = await attach(async () => 'done by the second');
    const stalled = new Promise((resolve) => queueEvents.once('stalled', resolve));
    const job = await queue.add('hangs', {});
    await active;
    await told(bridge, reporter);
    const parent = await progeny.parentNamed(today());
    expect(childOf(await progeny.childrenOf(parent.job_id), job)).toMatchObject({
      status: 'running',
      attempt: 1,
    });
    void worker.run();
    await stalled;
    await progeny.progressWhere(parent.job_id, (progress) => progress.completed_children === 1);
    expect(childOf(await progeny.childrenOf(parent.job_id), job)).toMatchObject({
      attempt: 2,
      result: { value: 'done by the second' },
    });
    release();
  },
  WAIT_MS,
);

test(
  'a flow is a parent that is sealed with its children, from whichever queue they are',
  async () => {
    const { queue, worker } = await attach(async (job) => job.data.page);
    const [parents, others] = [`${name}-parents`, `${name}-others`];
    await scene.worker(others, async () => 'elsewhere');
    const parentQueue = scene.queue(parents);
    const parentWorker = await scene.worker(
      parents,
      async (job) => Object.keys(await job.getChildrenValues()).length,
    );
    const ofParents = attachBullMQ({ reporter: report(), queue: parentQueue, worker: parentWorker });
    scene.onClose(() => ofParents.close());
    const producer = new FlowProducer({ connection: scene.connection });
    scene.onClose(() => producer.close());
    const { job: root } = await producer.add({
      name: 'site',
      queueName: parents,
      children: [
        ...Array.from({ length: 20 }, (_, page) => ({ name: 'page', queueName: queue.name, data: { page } })),
        { name: 'map', queueName: others },
      ],
    });
    void worker.run();
    const flowName = `${parents}:${root.id}`;
    const seen = new Promise((resolve) => parentWorker.once('completed', resolve));
    await seen;
    const parent = await progeny.parentNamed(flowName);
    const counts = await progeny.progressWhere(parent.job_id, ({ status }) => status === 'completed');
    expect(counts).toMatchObject({ total_children: 21, completed_children: 21, sealed: true });
    const children = await progeny.childrenOf(parent.job_id);
    const elsewhere = children.find(({ key }) => key.startsWith(others));
    expect(elsewhere).toMatchObject({ status: 'completed', result: { value: 'elsewhere' } });
    await ofParents.settle();
    expect((await progeny.parents()).map((job) => job.name).filter((one) => one.startsWith(parents))).toEqual(
      [flowName],
    );
  },
  WAIT_MS,
);

test('while Progeny is away the worker works on; what was lost is counted, and repaired to exact counts', async () => {
  const reporter = report({ maxBuffered: 60 });
  const processor = async (job: Job) => {
    if (job.data.at % 5 === 0) throw new Error('every fifth');
    return { at: job.data.at };
  };
  const { bridge, queue, queueEvents, worker } = await attach(processor, { reporter, concurrency: 10 });
  await bridge.repair();
  await progeny.gate.shut();
  const jobs = await queue.addBulk(Array.from({ length: 300 }, (_, at) => ({ name: 'one', data: { at } })));
  void worker.run();
  await Promise.allSettled(jobs.map((job) => job.waitUntilFinished(queueEvents)));
  await bridge.settle();
  expect(await queue.getJobCounts('completed', 'failed')).toEqual({ completed: 240, failed: 60 });
  expect(reporter.isOnline).toBe(false);
  const { lost, buffered } = reporter.counters;
  expect(lost).toBeGreaterThan(0);
  expect(buffered).toBeLessThanOrEqual(60);

  await progeny.gate.open();
  await new Promise<void>((resolve) => void reporter.onOnline(resolve));
  const parent = await progeny.parentNamed(today());
  const counts = await progeny.progressWhere(
    parent.job_id,
    ({ completed_children: done, failed_children: failed }) => done + failed === 300,
  );
  expect(counts).toMatchObject({
    total_children: 300,
    completed_children: 240,
    failed_children: 60,
    pending_children: 0,
    running_children: 0,
  });
  expect(bridge.counters).toMatchObject({ lostEvents: 0 });
  expect(childOf(await progeny.childrenOf(parent.job_id), jobs[7] as Job)).toMatchObject({
    result: { at: 7 },
  });
}, 120_000);

test(
  'a bridge that starts anew finds what happened without it, and changes nothing twice',
  async () => {
    const { bridge, queue, queueEvents, worker, reporter } = await attach(async () => 'done');
    const before = await queue.add('before', {});
    void worker.run();
    await before.waitUntilFinished(queueEvents);
    await told(bridge, reporter);
    await bridge.close();
    const between = await queue.add('between', {});
    await between.waitUntilFinished(queueEvents);

    const again = report();
    const second = attachBullMQ({ reporter: again, queue, queueEvents });
    scene.onClose(() => second.close());
    await second.repair();
    await told(second, again);
    const parent = await progeny.parentNamed(today());
    const counts = await progeny.progressWhere(parent.job_id, ({ completed_children: done }) => done === 2);
    expect(counts.total_children).toBe(2);
    expect(again.counters).toMatchObject({ lost: 0, refused: 0 });
  },
  WAIT_MS,
);

test(
  'a job that is taken out of the queue is cancelled; one that is retried after its end runs again',
  async () => {
    let isBroken = true;
    const processor = async () => {
      if (isBroken) throw new Error('broken');
      return 'mended';
    };
    const { bridge, queue, queueEvents, worker, reporter } = await attach(processor);
    const [removed, failed] = [
      await queue.add('removed', {}, { delay: 3_600_000 }),
      await queue.add('failed', {}),
    ];
    await removed.remove();
    void worker.run();
    await expect(failed.waitUntilFinished(queueEvents)).rejects.toThrow('broken');
    await told(bridge, reporter);
    const parent = await progeny.parentNamed(today());
    const first = await progeny.progressWhere(parent.job_id, ({ failed_children: count }) => count === 1);
    expect(first).toMatchObject({ total_children: 2, cancelled_children: 1 });

    isBroken = false;
    await failed.retry();
    const counts = await progeny.progressWhere(parent.job_id, ({ completed_children: done }) => done === 1);
    expect(counts).toMatchObject({ total_children: 2, cancelled_children: 1, failed_children: 0 });
    expect(childOf(await progeny.childrenOf(parent.job_id), failed)).toMatchObject({
      run: 2,
      attempt: 2,
      result: { value: 'mended' },
    });
  },
  WAIT_MS,
);

test(
  'jobs can be put under parents of a name; the one that is named is sealed by word',
  async () => {
    const { bridge, queue, worker, reporter } = await attach(async () => 'done', {
      parentName: `${name} import`,
      parentOf: (job) => (job.data.shop === undefined ? undefined : `${name} ${job.data.shop}`),
    });
    await queue.addBulk([
      { name: 'one', data: {} },
      { name: 'two', data: {} },
      { name: 'three', data: { shop: 'shoes' } },
    ]);
    let open = 3;
    const done = new Promise<void>((resolve) => {
      worker.on('completed', () => {
        open -= 1;
        if (open === 0) resolve();
      });
    });
    void worker.run();
    await done;
    await bridge.settle();
    bridge.seal();
    await told(bridge, reporter);
    const [named, shoes] = [
      await progeny.parentNamed(`${name} import`),
      await progeny.parentNamed(`${name} shoes`),
    ];
    const counts = await progeny.progressWhere(named.job_id, ({ status }) => status === 'completed');
    expect(counts).toMatchObject({ total_children: 2, completed_children: 2 });
    const others = await progeny.progressWhere(shoes.job_id, ({ completed_children: done }) => done === 1);
    expect(others).toMatchObject({ total_children: 1, sealed: false });
  },
  WAIT_MS,
);
