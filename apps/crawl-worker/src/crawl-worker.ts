import { PAGE_JOB_TYPE } from '@progeny/contract';
import type { EventBus } from '@progeny/event-bus';
import {
  connectedCheck,
  createOpsServer,
  createService,
  type Log,
  type Metrics,
  type Service,
} from '@progeny/kit';
import { createManagerHttp, createWorkerOn } from '@progeny/worker/parts';
import type { CrawlWorkerConfig } from './config.ts';
import { createPageHandler } from './crawl/page-handler.ts';
import { createPageVisitor } from './crawl/page-visitor.ts';
import { createWorkerMetrics } from './worker-metrics.ts';

export interface CrawlWorkerParts {
  config: CrawlWorkerConfig;
  bus: EventBus;
  log: Log;
  metrics: Metrics;
}

/** Claims pages, fetches them and reports what it found. It speaks to the manager and never touches the database. */
export function createCrawlWorker({
  config,
  bus,
  log,
  metrics,
}: CrawlWorkerParts): Service & { port(): number } {
  const visitor = createPageVisitor({
    userAgent: config.USER_AGENT,
    allowPrivateHosts: config.ALLOW_PRIVATE_HOSTS,
    timeoutMs: config.FETCH_TIMEOUT_MS,
    maxBytes: config.PAGE_MAX_BYTES,
  });
  const http = createManagerHttp({ managerUrl: config.MANAGER_URL, token: config.MANAGER_TOKEN });
  const handler = createPageHandler({
    perHost: config.WORKER_HOST_CONCURRENCY,
    visit: (task) => measure.visit(() => visitor.visit(task)),
    onVisited({ id, parentId, attempt, payload }, visit) {
      const error_code = visit.error?.error_code;
      const fields = { job_id: id, parent_id: parentId, attempt, url: payload.url };
      log.debug({ ...fields, status: visit.status, error_code }, 'visited a page');
      measure.visited(visit);
    },
  });
  const worker = createWorkerOn({
    bus,
    http,
    log,
    name: 'crawl-worker',
    kinds: [PAGE_JOB_TYPE],
    handler,
    concurrency: config.WORKER_CONCURRENCY,
    leaseMs: config.WORKER_LEASE_MS,
    drainMs: config.WORKER_DRAIN_MS,
    onAnswer: ({ outcome }) => measure.reported(outcome),
  });
  const measure = createWorkerMetrics(metrics, worker);
  const ops = createOpsServer({
    host: config.HOST,
    port: config.WORKER_PORT,
    portVariable: 'WORKER_PORT',
    metrics,
    checks: { nats: connectedCheck(bus), manager: () => worker.assertManagerThere() },
  });

  const service = createService('crawl-worker', async (onStop) => {
    onStop(() => bus.close());
    onStop(() => http.close());
    await ops.start();
    onStop(() => ops.stop());
    onStop(() => visitor.close());
    worker.start();
    onStop(() => worker.stop());
    log.info({ port: ops.port }, 'claiming pages');
  });
  return { ...service, port: () => ops.port };
}
