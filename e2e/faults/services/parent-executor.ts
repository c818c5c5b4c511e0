import { createLog, createMetrics, readConfig, runService } from '@progeny/kit';
import { createParentExecutor, executorConfigSchema } from '@progeny/parent-executor';
import { connectChaoticBus, openStore } from './parts.ts';

void runService('parent-executor', (env) => {
  const config = readConfig(executorConfigSchema, env);
  const log = createLog({ service: 'parent-executor', level: config.LOG_LEVEL });
  const store = openStore(config, log);
  const bus = connectChaoticBus({ url: config.NATS_URL, name: 'parent-executor', log });
  const metrics = createMetrics({ service: 'parent-executor' });
  return { service: createParentExecutor({ config, store, bus, log, metrics }), log };
});
