import { connectNatsEventBus } from '@progeny/event-bus-nats';
import { createPrismaJobStore } from '@progeny/job-store-prisma';
import { createLog, createMetrics, readConfig, runService } from '@progeny/kit';
import { gatewayConfigSchema } from './config.ts';
import { createGateway } from './ws-gateway.ts';

await runService('ws-gateway', (env) => {
  const config = readConfig(gatewayConfigSchema, env);
  const log = createLog({ service: 'ws-gateway', level: config.LOG_LEVEL });
  const store = createPrismaJobStore({
    databaseUrl: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    onIdleError: (error) => log.warn({ err: error }, 'a database connection broke'),
  });
  const bus = connectNatsEventBus({ url: config.NATS_URL, name: 'ws-gateway', log });
  return {
    service: createGateway({ config, store, bus, log, metrics: createMetrics({ service: 'ws-gateway' }) }),
    log,
  };
});
