import { LIMITS } from '@progeny/contract';
import type { EventBus } from '@progeny/event-bus';
import { createAuthenticator } from '@progeny/identity';
import type { JobStore } from '@progeny/job-store';
import {
  closeServer,
  connectedCheck,
  createOpsHandler,
  createOutage,
  createService,
  keepAsking,
  type Log,
  listen,
  type Metrics,
  runEvery,
  type Service,
  watchCalls,
} from '@progeny/kit';
import { composeJobs } from './compose.ts';
import type { ManagerConfig } from './config.ts';
import { createHttpApp } from './http/http-app.ts';
import { createManagerMetrics } from './manager-metrics.ts';
import { createProgressFeed } from './progress/progress-feed.ts';
import { createWorkerHandlers } from './worker-endpoints.ts';

export interface ManagerParts {
  config: ManagerConfig;
  store: JobStore;
  bus: EventBus;
  log: Log;
  metrics: Metrics;
}

/** Owns the jobs: HTTP for people and outside workers, the bus for workers, and whatever comes due by itself. */
export function createManager(parts: ManagerParts): Service & { port(): number } {
  const { config, bus, log, metrics } = parts;
  const store = watchCalls(parts.store, createOutage({ log, what: 'postgres' }));
  const counts = createManagerMetrics(metrics, bus);
  const { jobs, housekeeping, drain } = composeJobs({ config, store, bus, log, counts });
  const ops = createOpsHandler({
    metrics,
    checks: { postgres: () => store.ping(), nats: connectedCheck(bus) },
  });
  const workers = createWorkerHandlers(jobs, store);
  const authenticator = createAuthenticator(config);
  const feed = createProgressFeed({ bus, maxWaiting: LIMITS.longPollsWaiting });
  metrics.gauge('long_polls_waiting', 'Requests that wait for newer progress', () => feed.waiting);
  let port = config.MANAGER_PORT;

  const service = createService('manager', async (onStop) => {
    onStop(() => store.close());
    onStop(() => bus.close());
    onStop(drain);
    const app = await createHttpApp({ config, jobs, store, authenticator, feed, log, ops });
    onStop(() => app.close());
    await app.ready();
    onStop(() => closeServer(app.server));
    onStop(() => feed.end());
    port = await listen(app.server, { host: config.HOST, port, portVariable: 'MANAGER_PORT' });
    const endpoints = bus.serve(workers);
    onStop(() => endpoints.unsubscribe());
    // Each in its own time: a removal may take long, and leases do not wait for it.
    for (const name of ['reap', 'remove'] as const) {
      const keeping = runEvery(config.REAP_INTERVAL_MS, { name, log, task: housekeeping[name] });
      onStop(() => keeping.stop());
    }
    onStop(() => housekeeping.stop());
    const asking = keepAsking('postgres', { log, ask: () => store.ping() });
    onStop(() => asking.stop());
    log.info({ url: `http://${config.HOST}:${port}` }, 'listening');
  });
  return { ...service, port: () => port };
}
