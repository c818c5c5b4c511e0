import { createLog, createMetrics, readConfig, runService } from '@progeny/kit';
import { createGateway, gatewayConfigSchema } from '@progeny/ws-gateway';
import { connectChaoticBus, openStore } from './parts.ts';

void runService('ws-gateway', (env) => {
  const config = readConfig(gatewayConfigSchema, env);
  const log = createLog({ service: 'ws-gateway', level: config.LOG_LEVEL });
  const store = openStore(config, log);
  const bus = connectChaoticBus({ url: config.NATS_URL, name: 'ws-gateway', log });
  const metrics = createMetrics({ service: 'ws-gateway' });
  return { service: createGateway({ config, store, bus, log, metrics }), log };
});
