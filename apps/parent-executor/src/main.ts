import { connectNatsEventBus } from '@progeny/event-bus-nats';
import { createPrismaJobStore } from '@progeny/job-store-prisma';
import { createLog, createMetrics, readConfig, runService } from '@progeny/kit';
import { executorConfigSchema } from './config.ts';
import { createParentExecutor } from './parent-executor.ts';

await runService('parent-executor', (env) => {
  const config = readConfig(executorConfigSchema, env);
  const log = createLog({ service: 'parent-executor', level: config.LOG_LEVEL });
  const store = createPrismaJobStore({
    databaseUrl: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    onIdleError: (error) => log.warn({ err: error }, 'a database connection broke'),
  });
  const bus = connectNatsEventBus({ url: config.NATS_URL, name: 'parent-executor', log });
  const metrics = createMetrics({ service: 'parent-executor' });
  return { service: createParentExecutor({ config, store, bus, log, metrics }), log };
});
