import { connectNatsEventBus } from '@progeny/event-bus-nats';
import { type Neighbours, startNeighbours } from '@progeny/infra';
import { createPrismaJobStore } from '@progeny/job-store-prisma';
import { createLog, createMetrics, readConfig, type Service } from '@progeny/kit';
import { createManager, managerConfigSchema } from '@progeny/manager';
import { createParentExecutor, executorConfigSchema } from '@progeny/parent-executor';

/** The manager and the executor on servers of their own, in this process. */
export interface Stack {
  natsUrl: string;
  managerUrl: string;
  post(path: string, body?: object): Promise<{ status: number; body: Record<string, unknown> }>;
  get(path: string): Promise<Record<string, unknown>>;
  /** Resolves when the parent's progress says so. */
  until(
    jobId: string,
    holds: (progress: Record<string, unknown>) => boolean,
  ): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

export async function startStack(): Promise<Stack> {
  const neighbours: Neighbours = await startNeighbours();
  const env = { DATABASE_URL: neighbours.databaseUrl, NATS_URL: neighbours.natsUrl };
  const partsOf = (service: string) => {
    const log = createLog({ service, level: 'silent' });
    const store = createPrismaJobStore({ databaseUrl: env.DATABASE_URL, poolSize: 4, onIdleError() {} });
    const bus = connectNatsEventBus({ url: env.NATS_URL, name: service, log });
    return { store, bus, log, metrics: createMetrics({ service }) };
  };
  const manager = createManager({
    config: readConfig(managerConfigSchema, { ...env, MANAGER_PORT: '0', REAP_INTERVAL_MS: '200' }),
    ...partsOf('manager'),
  });
  const executor = createParentExecutor({
    config: readConfig(executorConfigSchema, { ...env, EXECUTOR_PORT: '0' }),
    ...partsOf('parent-executor'),
  });
  const services: Service[] = [manager, executor];
  for (const service of services) await service.start();
  const managerUrl = `http://127.0.0.1:${manager.port()}`;
  const get = async (path: string) => (await fetch(managerUrl + path)).json();

  return {
    natsUrl: neighbours.natsUrl,
    managerUrl,
    get,
    async post(path, body = {}) {
      const response = await fetch(managerUrl + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: await response.json() };
    },
    async until(jobId, holds) {
      let etag = '';
      for (;;) {
        const url = `${managerUrl}/v1/jobs/${jobId}/progress?wait=10`;
        const response = await fetch(url, { headers: { 'if-none-match': etag } });
        if (response.status === 304) continue;
        etag = response.headers.get('etag') ?? '';
        const progress = await response.json();
        if (holds(progress)) return progress;
      }
    },
    async stop() {
      for (const service of services.reverse()) await service.stop();
      await neighbours.stop();
    },
  };
}
