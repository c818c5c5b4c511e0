import { randomUUID } from 'node:crypto';
import type { ClaimedChild, ReportAnswer } from '@progeny/contract';
import type { EventBus, Subscription } from '@progeny/event-bus';
import { createOpsServer, type Log, type Metrics, type Periodic, runEvery, type Service } from '@progeny/kit';
import type { CrawlWorkerConfig } from './config.ts';
import { createHttpClient } from './crawl/http-get.ts';
import { createRobotsCache } from './crawl/robots-cache.ts';
import { type Visit, visitPage } from './crawl/visit-page.ts';
import { createClaimLoop } from './work/claim-loop.ts';
import { sendHeartbeats } from './work/heartbeat.ts';
import { createPagePool } from './work/page-pool.ts';
import { createReportQueue } from './work/report-queue.ts';
import { createWorkerMetrics } from './worker-metrics.ts';

export interface CrawlWorkerParts {
  config: CrawlWorkerConfig;
  bus: EventBus;
  log: Log;
  metrics: Metrics;
}

const ROBOTS_TIMEOUT_MS = 10_000;
const REPORT_DRAIN_MS = 3_000;
/** Reports that may wait before nothing new is claimed. */
const REPORTS_WAITING_MAX = 64;

/** Claims pages, fetches them and reports what it found. It speaks to the manager over the bus and to nobody else. */
export function createCrawlWorker({
  config,
  bus,
  log,
  metrics,
}: CrawlWorkerParts): Service & { port(): number } {
  const workerId = `crawl-worker-${randomUUID()}`;
  const leaseMs = config.WORKER_LEASE_MS;
  const http = createHttpClient({
    userAgent: config.USER_AGENT,
    allowPrivateHosts: config.ALLOW_PRIVATE_HOSTS,
  });
  const robots = createRobotsCache({
    http,
    userAgent: config.USER_AGENT,
    timeoutMs: Math.min(ROBOTS_TIMEOUT_MS, config.FETCH_TIMEOUT_MS),
  });
  const reports = createReportQueue({ bus, log, onAnswers });
  const pool = createPagePool({
    perHost: config.WORKER_HOST_CONCURRENCY,
    visit: (task) =>
      measure.visit(() =>
        visitPage(task, {
          http,
          robots,
          timeoutMs: config.FETCH_TIMEOUT_MS,
          maxBytes: config.PAGE_MAX_BYTES,
        }),
      ),
    onVisited,
  });
  const claims = createClaimLoop({
    bus,
    workerId,
    leaseMs,
    log,
    room: () =>
      reports.waiting.length >= REPORTS_WAITING_MAX ? 0 : config.WORKER_CONCURRENCY - pool.children.length,
    onClaimed: (claimed) => pool.take(claimed),
  });
  const measure = createWorkerMetrics(metrics, {
    inHand: () => pool.children.length,
    reportsWaiting: () => reports.waiting.length,
  });
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
  let heartbeats: Periodic | undefined;
  let wakeUps: Subscription | undefined;
  let stopping: Promise<void> | undefined;

  function onVisited(child: ClaimedChild, visit: Visit): void {
    log.debug(
      {
        job_id: child.job_id,
        parent_id: child.parent_id,
        url: child.payload.url,
        status: visit.status,
        error_code: visit.error?.error_code,
      },
      'visited a page',
    );
    measure.visited(visit);
    reports.add({ ...visit, job_id: child.job_id, attempt: child.attempt });
    claims.wake();
  }

  function onAnswers(answers: readonly ReportAnswer[]): void {
    for (const { outcome } of answers) measure.reported(outcome);
    // Links that were just reported are work.
    claims.wake();
  }

  async function stop(): Promise<void> {
    wakeUps?.unsubscribe();
    await Promise.all([claims.stop(), pool.stop(config.WORKER_DRAIN_MS)]);
    // A claim that was under way may have brought some more, which are handed back at once.
    await pool.stop(0);
    const lost = await reports.drain(REPORT_DRAIN_MS);
    if (lost.length > 0)
      log.warn({ reports: lost.length }, 'stopped with reports unsent; their leases run out');
    await heartbeats?.stop();
    robots.close();
    await http.close();
    await ops.stop();
    await bus.close();
  }

  return {
    name: 'crawl-worker',
    port: () => ops.port,
    async start() {
      await ops.start();
      heartbeats = runEvery(leaseMs / 3, {
        name: 'heartbeat',
        log,
        task: () => sendHeartbeats({ bus, leaseMs, pool, reports }),
      });
      // At most some ten a second for each parent, unlike the changes of its children.
      wakeUps = bus.subscribe({ topic: 'parent_job_progress' }, ({ payload }) => {
        if (payload.pending_children > 0) claims.wake();
      });
      claims.start();
      log.info({ worker_id: workerId }, 'claiming pages');
    },
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}
