import { connectNatsEventBus, type NatsEventBus } from '@progeny/event-bus-nats';
import { createPrismaJobStore } from '@progeny/job-store-prisma';
import { createLog, createMetrics, createOutage, readConfig, runService } from '@progeny/kit';
import { executorConfigSchema } from './config.ts';
import { createParentExecutor } from './parent-executor.ts';

await runService('parent-executor', (env) => {
  const config = readConfig(executorConfigSchema, env);
  const log = createLog({ service: 'parent-executor', level: config.LOG_LEVEL });
  const store = createPrismaJobStore({
    databaseUrl: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    // Whether the database is away is told by whoever asks it next.
    onIdleError: (error) => log.debug({ err: error }, 'a database connection broke'),
  });
  const bus: NatsEventBus = connectNatsEventBus({
    url: config.NATS_URL,
    name: 'parent-executor',
    log,
    outage: createOutage({ log, what: 'nats', fields: () => ({ events_unsent: bus.counters.unsent }) }),
  });
  const metrics = createMetrics({ service: 'parent-executor' });
  return { service: createParentExecutor({ config, store, bus, log, metrics }), log };
});
