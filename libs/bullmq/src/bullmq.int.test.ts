import { FlowProducer, type Job, UnrecoverableError } from 'bullmq';
import { attachBullMQ } from './attach-bullmq.ts';
import { childOf, told, useStage, WAIT_MS } from './testing/bridged-queue.ts';

const stage = useStage();

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
        const { bridge, queue, queueEvents, worker, reporter } = await stage.attach(processor, { sources });
        const job = await queue.add('crawl', { url: 'https://a.example/' });
        await bridge.repair();
        await told({ bridge, reporter });
        const parent = await stage.progeny.parentNamed(stage.today());
        const child = async () => childOf(await stage.progeny.childrenOf(parent.job_id), job);
        expect(await child()).toMatchObject({
          status: 'pending',
          type: 'bullmq',
          payload: { job_name: 'crawl', url: 'https://a.example/' },
        });

        const progressed = Promise.all([
          new Promise((resolve) => queueEvents.once('progress', resolve)),
          new Promise((resolve) => worker.once('progress', resolve)),
        ]);
        void worker.run();
        await progressed;
        await told({ bridge, reporter });
        expect(await child()).toMatchObject({
          status: 'running',
          attempt: 1,
          progress_percentage: 40,
          progress_stage: 'parsing',
          progress_label: 'Reading',
        });

        begin();
        await stage.progeny.progressWhere(parent.job_id, ({ completed_children: done }) => done === 1);
        expect(await child()).toMatchObject({
          status: 'completed',
          attempt: 1,
          result: { pages: 3 },
          error: null,
        });
        const counts = await stage.progeny.progressWhere(
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
        const { bridge, queue, queueEvents, worker, reporter } = await stage.attach(processor, { sources });
        const job = await queue.add('fails', {}, { attempts: 3 });
        void worker.run();
        await expect(job.waitUntilFinished(queueEvents)).rejects.toThrow('never');
        await told({ bridge, reporter });
        const parent = await stage.progeny.parentNamed(stage.today());
        expect(childOf(await stage.progeny.childrenOf(parent.job_id), job)).toMatchObject({
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
        const { bridge, queue, queueEvents, worker, reporter } = await stage.attach(processor, {
          sources,
          concurrency: 20,
        });
        const jobs = await queue.addBulk(
          Array.from({ length: 300 }, (_, at) => ({ name: 'one', data: { at } })),
        );
        void worker.run();
        await Promise.allSettled(jobs.map((job) => job.waitUntilFinished(queueEvents)));
        await told({ bridge, reporter });
        const parent = await stage.progeny.parentNamed(stage.today());
        const counts = await stage.progeny.progressWhere(
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
  'a flow is a parent that is sealed with its children, from whichever queue they are',
  async () => {
    const { queue, worker } = await stage.attach(async (job) => job.data.page);
    const [parents, others] = [`${stage.name}-parents`, `${stage.name}-others`];
    await stage.scene.worker(others, async () => 'elsewhere');
    const parentQueue = stage.scene.queue(parents);
    const parentWorker = await stage.scene.worker(
      parents,
      async (job) => Object.keys(await job.getChildrenValues()).length,
    );
    const ofParents = attachBullMQ({ reporter: stage.report(), queue: parentQueue, worker: parentWorker });
    stage.scene.onClose(() => ofParents.close());
    const producer = new FlowProducer({ connection: stage.scene.connection });
    stage.scene.onClose(() => producer.close());
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
    await ofParents.settle();
    const parent = await stage.progeny.parentNamed(flowName);
    const counts = await stage.progeny.progressWhere(parent.job_id, ({ status }) => status === 'completed');
    expect(counts).toMatchObject({ total_children: 21, completed_children: 21, sealed: true });
    const children = await stage.progeny.childrenOf(parent.job_id);
    const elsewhere = children.find(({ key }) => key.startsWith(others));
    expect(elsewhere).toMatchObject({ status: 'completed', result: { value: 'elsewhere' } });
    expect(
      (await stage.progeny.parents()).map((job) => job.name).filter((one) => one.startsWith(parents)),
    ).toEqual([flowName]);
  },
  WAIT_MS,
);

test.each(['worker', 'events'] as const)(
  'a flow within a flow is a parent of its own, and its parent job one child of the outer; heard by %s',
  async (source) => {
    const processor = async () => 'done';
    const { bridge, queue, queueEvents, worker, reporter } = await stage.attach(processor, {
      sources: [source],
    });
    const producer = new FlowProducer({ connection: stage.scene.connection });
    stage.scene.onClose(() => producer.close());
    const leaves = Array.from({ length: 3 }, () => ({ name: 'leaf', queueName: queue.name }));
    const { job: root, children = [] } = await producer.add({
      name: 'root',
      queueName: queue.name,
      children: [
        { name: 'middle', queueName: queue.name, children: leaves },
        { name: 'plain', queueName: queue.name },
      ],
    });
    void worker.run();
    await root.waitUntilFinished(queueEvents);
    await told({ bridge, reporter });
    for (const [job, total] of [
      [root, 2],
      [children[0]?.job, 3],
    ] as const) {
      const { job_id } = await stage.progeny.parentNamed(`${queue.name}:${job?.id}`);
      const counts = await stage.progeny.progressWhere(job_id, ({ status }) => status === 'completed');
      expect(counts).toMatchObject({ total_children: total, completed_children: total });
    }
    expect(reporter.counters).toMatchObject({ lost: 0, refused: 0 });
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
    const { bridge, queue, queueEvents, worker, reporter } = await stage.attach(processor);
    const [removed, failed] = [
      await queue.add('removed', {}, { delay: 3_600_000 }),
      await queue.add('failed', {}),
    ];
    await removed.remove();
    void worker.run();
    await expect(failed.waitUntilFinished(queueEvents)).rejects.toThrow('broken');
    await told({ bridge, reporter });
    const parent = await stage.progeny.parentNamed(stage.today());
    const first = await stage.progeny.progressWhere(
      parent.job_id,
      ({ failed_children: count }) => count === 1,
    );
    expect(first).toMatchObject({ total_children: 2, cancelled_children: 1 });

    isBroken = false;
    await failed.retry();
    const counts = await stage.progeny.progressWhere(
      parent.job_id,
      ({ completed_children: done }) => done === 1,
    );
    expect(counts).toMatchObject({ total_children: 2, cancelled_children: 1, failed_children: 0 });
    expect(childOf(await stage.progeny.childrenOf(parent.job_id), failed)).toMatchObject({
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
    const { bridge, queue, worker, reporter } = await stage.attach(async () => 'done', {
      parentName: `${stage.name} import`,
      parentOf: (job) => (job.data.shop === undefined ? undefined : `${stage.name} ${job.data.shop}`),
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
    await told({ bridge, reporter });
    const [named, shoes] = [
      await stage.progeny.parentNamed(`${stage.name} import`),
      await stage.progeny.parentNamed(`${stage.name} shoes`),
    ];
    const counts = await stage.progeny.progressWhere(named.job_id, ({ status }) => status === 'completed');
    expect(counts).toMatchObject({ total_children: 2, completed_children: 2 });
    const others = await stage.progeny.progressWhere(
      shoes.job_id,
      ({ completed_children: done }) => done === 1,
    );
    expect(others).toMatchObject({ total_children: 1, sealed: false });
  },
  WAIT_MS,
);
