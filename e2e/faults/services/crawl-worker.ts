import { crawlWorkerConfigSchema, createCrawlWorker } from '@progeny/crawl-worker';
import { createLog, createMetrics, readConfig, runService } from '@progeny/kit';
import { connectChaoticBus } from './parts.ts';

void runService('crawl-worker', (env) => {
  const config = readConfig(crawlWorkerConfigSchema, env);
  const log = createLog({ service: 'crawl-worker', level: config.LOG_LEVEL });
  const bus = connectChaoticBus({ url: config.NATS_URL, name: 'crawl-worker', log });
  const metrics = createMetrics({ service: 'crawl-worker' });
  return { service: createCrawlWorker({ config, bus, log, metrics }), log };
});
