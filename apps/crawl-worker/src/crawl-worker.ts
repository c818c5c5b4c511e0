import type { EventBus } from '@progeny/event-bus';
import { createOpsServer, type Log, type Metrics, type Service } from '@progeny/kit';
import type { CrawlWorkerConfig } from './config.ts';
import { createPageVisitor } from './crawl/page-visitor.ts';
import { createWorkFlow } from './work/work-flow.ts';
import { createWorkerMetrics } from './worker-metrics.ts';

export interface CrawlWorkerParts {
  config: CrawlWorkerConfig;
  bus: EventBus;
  log: Log;
  metrics: Metrics;
}

/** Claims pages, fetches them and reports what it found. It speaks to the manager over the bus and to nobody else. */
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
  const flow = createWorkFlow({
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
    checks: {
      nats: () => {
        if (bus.state !== 'connected') throw new Error(bus.state);
      },
    },
  });
  let stopping: Promise<void> | undefined;

  const stop = async () => {
    await flow.stop();
    await visitor.close();
    await ops.stop();
    await bus.close();
  };

  return {
    name: 'crawl-worker',
    port: () => ops.port,
    async start() {
      await ops.start();
      flow.start();
      log.info({ port: ops.port }, 'claiming pages');
    },
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}
