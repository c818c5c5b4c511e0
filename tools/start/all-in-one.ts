/** All services in one process, with their events in memory: what runs where no NATS server can be had. */
import { crawlWorkerConfigSchema, createCrawlWorker } from '@progeny/crawl-worker';
import { createMemoryEventBus, createMemoryHub } from '@progeny/event-bus';
import { createPrismaJobStore } from '@progeny/job-store-prisma';
import { createLog, createMetrics, readConfig, runService, type Service } from '@progeny/kit';
import { createManager, managerConfigSchema } from '@progeny/manager';
import { createParentExecutor, executorConfigSchema } from '@progeny/parent-executor';
import { createGateway, gatewayConfigSchema } from '@progeny/ws-gateway';

const NAME = 'all-in-one';

void runService(NAME, (env) => {
  const manager = readConfig(managerConfigSchema, env);
  const executor = readConfig(executorConfigSchema, env);
  const gateway = readConfig(gatewayConfigSchema, env);
  const worker = readConfig(crawlWorkerConfigSchema, env);
  const hub = createMemoryHub();
  /** What each service has of its own, as if it were alone. */
  const parts = (service: string) => {
    const log = createLog({ service, level: manager.LOG_LEVEL });
    return { bus: createMemoryEventBus({ hub, log }), log, metrics: createMetrics({ service }) };
  };
  const withStore = (service: string) => {
    const own = parts(service);
    const store = createPrismaJobStore({
      databaseUrl: manager.DATABASE_URL,
      poolSize: manager.DATABASE_POOL_SIZE,
      onIdleError: (error) => own.log.debug({ err: error }, 'a database connection broke'),
    });
    return { ...own, store };
  };
  const services: Service[] = [
    createManager({ config: manager, ...withStore('manager') }),
    createParentExecutor({ config: executor, ...withStore('parent-executor') }),
    createGateway({ config: gateway, ...withStore('ws-gateway') }),
    createCrawlWorker({ config: worker, ...parts('crawl-worker') }),
  ];
  return { service: together(services), log: createLog({ service: NAME, level: manager.LOG_LEVEL }) };
});

/** Starts one after the other and stops them the other way round; a start that fails stops those before it. */
function together(services: readonly Service[]): Service {
  const started: Service[] = [];
  const stop = async () => {
    for (const service of started.splice(0).reverse()) await service.stop();
  };
  return {
    name: NAME,
    async start() {
      for (const service of services) {
        try {
          await service.start();
        } catch (error) {
          await stop();
          throw error;
        }
        started.push(service);
      }
    },
    stop,
  };
}
