import { connectNatsEventBus } from '@progeny/event-bus-nats';
import { createPrismaJobStore } from '@progeny/job-store-prisma';
import { createLog, createMetrics, createOutage, readConfig, runService } from '@progeny/kit';
import { gatewayConfigSchema } from './config.ts';
import { createGateway } from './ws-gateway.ts';

await runService('ws-gateway', (env) => {
  const config = readConfig(gatewayConfigSchema, env);
  const log = createLog({ service: 'ws-gateway', level: config.LOG_LEVEL });
  const store = createPrismaJobStore({
    databaseUrl: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    // Whether the database is away is told by whoever asks it next.
    onIdleError: (error) => log.debug({ err: error }, 'a database connection broke'),
  });
  const outage = createOutage({ log, what: 'nats' });
  const bus = connectNatsEventBus({ url: config.NATS_URL, name: 'ws-gateway', log, outage });
  return {
    service: createGateway({ config, store, bus, log, metrics: createMetrics({ service: 'ws-gateway' }) }),
    log,
  };
});
