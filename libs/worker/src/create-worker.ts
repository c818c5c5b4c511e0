import { connectNatsEventBus } from '@progeny/event-bus-nats';
import { createOutage } from '@progeny/kit';
import { CONSOLE_LOG } from './console-log.ts';
import { createWorkerOn } from './create-worker-on.ts';
import { createManagerHttp } from './manager/manager-http.ts';
import { readOptions } from './read-options.ts';
import type { Worker, WorkerOptions } from './worker.ts';

/**
 * A worker that takes jobs of a kind and has them handled: claims, leases, reports, retries and shutdown are its own.
 * It begins with `start`. Throws WorkerOptionsError.
 */
export function createWorker(options: WorkerOptions): Worker {
  const { natsUrl, managerUrl, token, log = CONSOLE_LOG } = options;
  const { kinds, handler, concurrency, leaseMs, drainMs, name } = readOptions(options);
  const outage = createOutage({ log, what: 'nats' });
  const bus = natsUrl === undefined ? null : connectNatsEventBus({ url: natsUrl, name, log, outage });
  const http = managerUrl === undefined ? null : createManagerHttp({ managerUrl, token });
  return createWorkerOn({
    bus,
    http,
    log,
    name,
    kinds,
    handler,
    concurrency,
    leaseMs,
    drainMs,
    async onStopped() {
      http?.close();
      await bus?.close();
    },
  });
}
