import { connectNatsEventBus } from '@progeny/event-bus-nats';
import { createLog, createMetrics, createOutage, readConfig, runService } from '@progeny/kit';
import { crawlWorkerConfigSchema } from './config.ts';
import { createCrawlWorker } from './crawl-worker.ts';

await runService('crawl-worker', (env) => {
  const config = readConfig(crawlWorkerConfigSchema, env);
  const log = createLog({ service: 'crawl-worker', level: config.LOG_LEVEL });
  const outage = createOutage({ log, what: 'nats' });
  const bus = connectNatsEventBus({ url: config.NATS_URL, name: 'crawl-worker', log, outage });
  const metrics = createMetrics({ service: 'crawl-worker' });
  return { service: createCrawlWorker({ config, bus, log, metrics }), log };
});
