import { connectNatsEventBus } from '@progeny/event-bus-nats';
import { createPrismaJobStore } from '@progeny/job-store-prisma';
import { createLog, createMetrics, readConfig, runService } from '@progeny/kit';
import { managerConfigSchema } from './config.ts';
import { createManager } from './manager.ts';

await runService('manager', (env) => {
  const config = readConfig(managerConfigSchema, env);
  const log = createLog({ service: 'manager', level: config.LOG_LEVEL });
  const store = createPrismaJobStore({
    databaseUrl: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    onIdleError: (error) => log.warn({ err: error }, 'a database connection broke'),
  });
  const bus = connectNatsEventBus({ url: config.NATS_URL, name: 'manager', log, keepHistory: true });
  return {
    service: createManager({ config, store, bus, log, metrics: createMetrics({ service: 'manager' }) }),
    log,
  };
});
