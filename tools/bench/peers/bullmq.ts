import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startRedisServer } from '@progeny/infra';
import { FlowProducer, type Job, QueueEvents } from 'bullmq';
import { clockMs } from '../measure/serve-commands.ts';
import { watchProcesses } from '../measure/watch-processes.ts';
import { startWorkerProcess } from '../measure/worker-process.ts';
import type { BullmqCommand } from './bullmq-worker.ts';
import type { Contestant } from './contestant.ts';
import { poll } from './poll.ts';

/** What Redis writes: its snapshots, which may lose minutes; or each change within a second, the nearest to ours. */
export const BULLMQ_PERSISTENCE = {
  'snapshots, its default': {},
  'appendonly, fsync every second': { appendonly: 'yes', appendfsync: 'everysec' },
} as const;

/** BullMQ's flow: a parent waits for its children, whose counts Redis keeps beside it. */
export async function startBullmq(persistence: keyof typeof BULLMQ_PERSISTENCE): Promise<Contestant> {
  const folder = mkdtempSync(path.join(tmpdir(), 'progeny-bench-'));
  const redis = await startRedisServer({ dataDir: folder, settings: BULLMQ_PERSISTENCE[persistence] });
  const connection = { host: '127.0.0.1', port: redis.port };
  const worker = await startWorkerProcess<BullmqCommand>('peers/bullmq-worker.ts', { port: redis.port });
  const producer = new FlowProducer({ connection });
  await producer.waitUntilReady();
  let flows = 0;

  return {
    name: `BullMQ, ${persistence}`,
    settings: [{ concurrency: 100 }, { concurrency: 400 }, { concurrency: 1_000 }],
    async run(children, { concurrency = 100 }) {
      flows += 1;
      const parentQueue = `parents-${flows}`;
      const childQueue = `children-${flows}`;
      const events = new QueueEvents(parentQueue, { connection });
      await events.waitUntilReady();
      const startMs = performance.now();
      const { job: parent } = await producer.add({
        name: 'parent',
        queueName: parentQueue,
        children: Array.from({ length: children }, () => ({
          name: 'child',
          queueName: childQueue,
          data: {},
        })),
      });
      const addSeconds = (performance.now() - startMs) / 1000;
      const watch = watchProcesses({ redis: redis.pid, worker: worker.pid, viewer: process.pid });
      const completed = new Promise<number>((resolve) => {
        events.once('completed', () => resolve(clockMs()));
      });
      const counts = poll(
        () => countsOf(parent),
        ({ processed }) => processed === children,
      );
      const { startedMs } = (await worker.ask({ do: 'work', childQueue, parentQueue, concurrency })) as {
        startedMs: number;
      };
      const endedMs = await completed;
      const usages = watch.stop();
      const { reads } = await counts;
      await worker.ask({ do: 'rest' });
      await events.close();
      const { processed, unprocessed } = await countsOf(parent);
      if (processed !== children || unprocessed !== 0) {
        throw new Error(`BullMQ counted ${processed} of ${children} children, ${unprocessed} open`);
      }
      return { addSeconds, runSeconds: (endedMs - startedMs) / 1000, reads, usages };
    },
    tidy: () => Promise.resolve(),
    async stop() {
      await worker.stop();
      await producer.close();
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const countsOf = (parent: Job) => parent.getDependenciesCount({ processed: true, unprocessed: true });
