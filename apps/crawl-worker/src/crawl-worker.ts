import type { EventBus } from '@progeny/event-bus';
import {
  connectedCheck,
  createOpsServer,
  createService,
  type Log,
  type Metrics,
  type Service,
} from '@progeny/kit';
import type { CrawlWorkerConfig } from './config.ts';
import { createPageVisitor } from './crawl/page-visitor.ts';
import { createManagerClient } from './manager/manager-client.ts';
import { createManagerHttp } from './manager/manager-http.ts';
import { createWorkFlow } from './work/work-flow.ts';
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
  const manager = createManagerClient({ bus, http, log });
  const flow = createWorkFlow({
    manager,
    bus,
    log,
    concurrency: config.WORKER_CONCURRENCY,
    perHost: config.WORKER_HOST_CONCURRENCY,
    leaseMs: config.WORKER_LEASE_MS,
    drainMs: config.WORKER_DRAIN_MS,
    visit: (task) => measure.visit(() => visitor.visit(task)),
    onVisited: (visit) => measure.visited(visit),
    onAnswer: ({ outcome }) => measure.reported(outcome),
  });
  const measure = createWorkerMetrics(metrics, flow);
  const ops = createOpsServer({
    host: config.HOST,
    port: config.WORKER_PORT,
    portVariable: 'WORKER_PORT',
    metrics,
    checks: { nats: connectedCheck(bus), manager: () => manager.assertThere() },
  });

  const service = createService('crawl-worker', async (onStop) => {
    onStop(() => bus.close());
    onStop(() => http.close());
    await ops.start();
    onStop(() => ops.stop());
    onStop(() => visitor.close());
    flow.start();
    onStop(() => flow.stop());
    log.info({ port: ops.port }, 'claiming pages');
  });
  return { ...service, port: () => ops.port };
}
