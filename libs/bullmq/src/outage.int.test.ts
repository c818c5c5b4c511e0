import type { Job } from 'bullmq';
import { attachBullMQ } from './attach-bullmq.ts';
import { childOf, told, useStage, WAIT_MS } from './testing/bridged-queue.ts';

const stage = useStage();

test(
  'a job that stalled is taken up by another worker, as the next try',
  async () => {
    let release = () => {};
    const hung = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = await stage.scene.worker(stage.name, () => hung, {
      skipLockRenewal: true,
      skipStalledCheck: true,
      lockDuration: 300,
    });
    stage.scene.onClose(async () => release());
    const active = new Promise((resolve) => first.once('active', resolve));
    const { bridge, queue, queueEvents, worker, reporter } = await stage.attach(
      async () => 'done by the second',
    );
    const stalled = new Promise((resolve) => queueEvents.once('stalled', resolve));
    const job = await queue.add('hangs', {});
    await active;
    await told({ bridge, reporter });
    const parent = await stage.progeny.parentNamed(stage.today());
    expect(childOf(await stage.progeny.childrenOf(parent.job_id), job)).toMatchObject({
      status: 'running',
      attempt: 1,
    });
    void worker.run();
    await stalled;
    await stage.progeny.progressWhere(parent.job_id, (progress) => progress.completed_children === 1);
    expect(childOf(await stage.progeny.childrenOf(parent.job_id), job)).toMatchObject({
      attempt: 2,
      result: { value: 'done by the second' },
    });
    release();
  },
  WAIT_MS,
);

test('while Progeny is away the worker works on; what was lost is counted, and repaired to exact counts', async () => {
  const reporter = stage.report({ maxBuffered: 60 });
  const processor = async (job: Job) => {
    if (job.data.at % 5 === 0) throw new Error('every fifth');
    return { at: job.data.at };
  };
  const { bridge, queue, queueEvents, worker } = await stage.attach(processor, { reporter, concurrency: 10 });
  await bridge.repair();
  await stage.progeny.gate.shut();
  const jobs = await queue.addBulk(Array.from({ length: 300 }, (_, at) => ({ name: 'one', data: { at } })));
  void worker.run();
  await Promise.allSettled(jobs.map((job) => job.waitUntilFinished(queueEvents)));
  await bridge.settle();
  expect(await queue.getJobCounts('completed', 'failed')).toEqual({ completed: 240, failed: 60 });
  expect(reporter.isOnline).toBe(false);
  const { lost, buffered } = reporter.counters;
  expect(lost).toBeGreaterThan(0);
  expect(buffered).toBeLessThanOrEqual(60);

  await stage.progeny.gate.open();
  await new Promise<void>((resolve) => void reporter.onOnline(resolve));
  const parent = await stage.progeny.parentNamed(stage.today());
  const counts = await stage.progeny.progressWhere(
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
  expect(childOf(await stage.progeny.childrenOf(parent.job_id), jobs[7] as Job)).toMatchObject({
    result: { at: 7 },
  });
}, 120_000);

test(
  'a bridge that starts anew finds what happened without it, and changes nothing twice',
  async () => {
    const { bridge, queue, queueEvents, worker, reporter } = await stage.attach(async () => 'done');
    const before = await queue.add('before', {});
    void worker.run();
    await before.waitUntilFinished(queueEvents);
    await told({ bridge, reporter });
    await bridge.close();
    const between = await queue.add('between', {});
    await between.waitUntilFinished(queueEvents);

    const again = stage.report();
    const second = attachBullMQ({ reporter: again, queue, queueEvents });
    stage.scene.onClose(() => second.close());
    await second.repair();
    await told({ bridge: second, reporter: again });
    const parent = await stage.progeny.parentNamed(stage.today());
    const counts = await stage.progeny.progressWhere(
      parent.job_id,
      ({ completed_children: done }) => done === 2,
    );
    expect(counts.total_children).toBe(2);
    expect(again.counters).toMatchObject({ lost: 0, refused: 0 });
  },
  WAIT_MS,
);
