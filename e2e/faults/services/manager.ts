import { createLog, createMetrics, readConfig, runService } from '@progeny/kit';
import { createManager, managerConfigSchema } from '@progeny/manager';
import { connectChaoticBus, openStore } from './parts.ts';

void runService('manager', (env) => {
  const config = readConfig(managerConfigSchema, env);
  const log = createLog({ service: 'manager', level: config.LOG_LEVEL });
  const store = openStore(config, log);
  const bus = connectChaoticBus({ url: config.NATS_URL, name: 'manager', log, keepHistory: true });
  const metrics = createMetrics({ service: 'manager' });
  return { service: createManager({ config, store, bus, log, metrics }), log };
});
