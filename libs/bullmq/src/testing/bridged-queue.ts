import type { ChildView } from '@progeny/contract';
import { createReporter, type Reporter, type ReporterOptions } from '@progeny/reporter';
import type { Job, Processor, Queue, QueueEvents, Worker } from 'bullmq';
import { attachBullMQ } from '../attach-bullmq.ts';
import type { AttachOptions, BullMQBridge } from '../bridge.ts';
import { type BullmqScene, startBullmqScene } from './bullmq-scene.ts';
import { type Progeny, startProgeny } from './progeny.ts';

export const WAIT_MS = 60_000;

export interface BridgedQueue {
  bridge: BullMQBridge;
  queue: Queue;
  queueEvents: QueueEvents;
  /** Runs when it is told to. */
  worker: Worker;
  reporter: Reporter;
}

/** What the tests of one file share; a queue of another name for each. */
export interface Stage {
  progeny: Progeny;
  scene: BullmqScene;
  name: string;
  /** The parent of jobs of this test's queue that belong to nothing else. */
  today(): string;
  report(options?: Partial<ReporterOptions>): Reporter;
  /** Attached to a queue as most will have it: the worker, and the events of the queue. */
  attach(
    processor: Processor,
    options?: Partial<AttachOptions> & { sources?: ('worker' | 'events')[]; concurrency?: number },
  ): Promise<BridgedQueue>;
}

/** Sets the stage up before the tests of a file and takes it down after; it is there within a test. */
export function useStage(): Stage {
  const stage = {} as Stage;
  let tests = 0;
  beforeAll(async () => {
    [stage.progeny, stage.scene] = await Promise.all([startProgeny(), startBullmqScene()]);
  }, 120_000);
  beforeEach(() => {
    tests += 1;
    stage.name = `queue-${tests}`;
  });
  afterEach(() => stage.scene.tidy());
  afterAll(async () => {
    await stage.scene?.stop();
    await stage.progeny?.stop();
  });

  stage.today = () => `${stage.name} ${new Date().toISOString().slice(0, 10)}`;
  stage.report = (options = {}) => {
    const reporter = createReporter({ url: stage.progeny.url, flushMs: 5, ...options });
    stage.scene.onClose(() => reporter.close(0));
    return reporter;
  };
  stage.attach = async (
    processor,
    { reporter = stage.report(), sources = ['worker', 'events'], concurrency = 4, ...options } = {},
  ) => {
    const { scene, name } = stage;
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
  };
  return stage;
}

/** Everything that was heard so far is in the ledger. */
export async function told({ bridge, reporter }: Pick<BridgedQueue, 'bridge' | 'reporter'>): Promise<void> {
  await bridge.settle();
  expect(await reporter.flush(WAIT_MS)).toBe(true);
}

export function childOf(children: readonly ChildView[], job: Job): ChildView {
  const found = children.find(({ key }) => key === job.id || key === `${job.queueName}:${job.id}`);
  if (!found) throw new Error(`no child for job ${job.id}`);
  return found;
}
