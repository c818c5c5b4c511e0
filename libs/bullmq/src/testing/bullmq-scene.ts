import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type RedisServer, startRedisServer } from '@progeny/infra';
import { type Processor, Queue, QueueEvents, Worker, type WorkerOptions } from 'bullmq';

/** Redis, and queues on it that are closed with it. */
export interface BullmqScene {
  connection: { host: string; port: number };
  /** Of Redis. */
  pid: number;
  queue(name: string): Queue;
  events(name: string): Promise<QueueEvents>;
  worker(name: string, processor: Processor, options?: Partial<WorkerOptions>): Promise<Worker>;
  /** What else is to be closed first. */
  onClose(close: () => Promise<unknown>): void;
  /** Closes all of a test's own. */
  tidy(): Promise<void>;
  stop(): Promise<void>;
}

export async function startBullmqScene(): Promise<BullmqScene> {
  const folder = mkdtempSync(path.join(tmpdir(), 'progeny-redis-'));
  const redis: RedisServer = await startRedisServer({ dataDir: folder, settings: { save: '' } });
  const connection = { host: '127.0.0.1', port: redis.port };
  const closes: (() => Promise<unknown>)[] = [];
  const held = <Closable extends { close(): Promise<unknown> }>(closable: Closable): Closable => {
    closes.push(() => closable.close());
    return closable;
  };
  const tidy = async () => {
    for (const close of closes.splice(0).reverse()) await close();
  };
  return {
    connection,
    pid: redis.pid,
    // Each wait for the end of a job listens to it.
    queue: (name) => held(new Queue(name, { connection }).setMaxListeners(0)),
    async events(name) {
      const events = held(new QueueEvents(name, { connection }));
      await events.waitUntilReady();
      return events;
    },
    async worker(name, processor, options = {}) {
      const worker = held(new Worker(name, processor, { connection, ...options }));
      worker.on('error', () => {});
      await worker.waitUntilReady();
      return worker;
    },
    onClose: (close) => void closes.push(close),
    tidy,
    async stop() {
      await tidy();
      await redis.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
