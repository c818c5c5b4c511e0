/** BullMQ's worker: one process, whose processor does nothing. */
import { Worker } from 'bullmq';
import { clockMs, readSettings, serveCommands } from '../measure/serve-commands.ts';

export type BullmqCommand =
  | { do: 'work'; childQueue: string; parentQueue: string; concurrency: number }
  | { do: 'rest' };

const connection = { host: '127.0.0.1', ...readSettings<{ port: number }>() };
let workers: Worker[] = [];

serveCommands<BullmqCommand>({
  async handle(command) {
    if (command.do === 'rest') return await Promise.all(workers.splice(0).map((worker) => worker.close()));
    const create = (queue: string, concurrency: number) =>
      new Worker(queue, () => Promise.resolve(), { connection, concurrency, autorun: false });
    workers = [create(command.childQueue, command.concurrency), create(command.parentQueue, 1)];
    for (const worker of workers) worker.on('error', console.error);
    await Promise.all(workers.map((worker) => worker.waitUntilReady()));
    const startedMs = clockMs();
    for (const worker of workers) void worker.run();
    return { startedMs };
  },
  stop: () => Promise.all(workers.map((worker) => worker.close())),
});
