import { createMemoryEventBus, createMemoryHub, type EventBus } from '@progeny/event-bus';
import { createLineWatch, type LineWatch } from '@progeny/infra';
import { createLog } from '@progeny/kit';
import { createWorkerOn, type WorkerParts } from '../create-worker-on.ts';
import type { Job, JobHandler } from '../job.ts';
import type { Worker } from '../worker.ts';
import { createFakeManager, type FakeManager } from './fake-manager.ts';

/** A manager in memory, and workers of it. */
export interface WorkerScene {
  manager: FakeManager;
  bus: EventBus;
  log: LineWatch;
  start(handler: JobHandler, parts?: Partial<WorkerParts>): Worker;
  close(): Promise<void>;
}

export function createWorkerScene(): WorkerScene {
  const hub = createMemoryHub();
  const bus = createMemoryEventBus({ hub });
  const manager = createFakeManager(bus);
  manager.serve();
  const log = createLineWatch();
  const workers: Worker[] = [];
  return {
    manager,
    bus,
    log,
    start(handler, parts = {}) {
      const own = createMemoryEventBus({ hub });
      const worker = createWorkerOn({
        bus: own,
        http: null,
        log: createLog({ service: 'worker', level: 'debug', write: log.write }),
        name: 'test',
        kinds: ['task'],
        handler,
        concurrency: 4,
        leaseMs: 1_000,
        drainMs: 5_000,
        onStopped: () => own.close(),
        ...parts,
      });
      workers.push(worker);
      worker.start();
      return worker;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await bus.close();
    },
  };
}

/** A handler that is in the test's hands: `began` resolves with its first job, which goes on until `end`. */
export function createHeldHandler(): {
  handler: JobHandler;
  began: Promise<Job>;
  /** Resolves with the reason of the first job's signal. */
  aborted: Promise<unknown>;
  end(result?: object): void;
} {
  let begin: (job: Job) => void = () => {};
  let end: (result?: object) => void = () => {};
  const began = new Promise<Job>((resolve) => {
    begin = resolve;
  });
  const ended = new Promise<object | undefined>((resolve) => {
    end = resolve;
  });
  const aborted = began.then(
    ({ signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
      }),
  );
  return {
    handler(job) {
      begin(job);
      return ended;
    },
    began,
    aborted,
    end,
  };
}
