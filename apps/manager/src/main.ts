import { connectNatsEventBus, type NatsEventBus } from '@progeny/event-bus-nats';
import { createPrismaJobStore } from '@progeny/job-store-prisma';
import { createLog, createMetrics, createOutage, readConfig, runService } from '@progeny/kit';
import { managerConfigSchema } from './config.ts';
import { createManager } from './manager.ts';

await runService('manager', (env) => {
  const config = readConfig(managerConfigSchema, env);
  const log = createLog({ service: 'manager', level: config.LOG_LEVEL });
  const store = createPrismaJobStore({
    databaseUrl: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    // Whether the database is away is told by whoever asks it next.
    onIdleError: (error) => log.debug({ err: error }, 'a database connection broke'),
  });
  const bus: NatsEventBus = connectNatsEventBus({
    url: config.NATS_URL,
    name: 'manager',
    log,
    outage: createOutage({ log, what: 'nats', fields: () => ({ events_unsent: bus.counters.unsent }) }),
    keepHistory: true,
  });
  return {
    service: createManager({ config, store, bus, log, metrics: createMetrics({ service: 'manager' }) }),
    log,
  };
});
