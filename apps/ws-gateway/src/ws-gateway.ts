import { createServer } from 'node:http';
import type { EventBus } from '@progeny/event-bus';
import type { JobStore } from '@progeny/job-store';
import {
  closeServer,
  createOpsHandler,
  type Log,
  listen,
  type Metrics,
  runEvery,
  type Service,
} from '@progeny/kit';
import { pollSilentJobs } from './backup-poll.ts';
import type { GatewayConfig } from './config.ts';
import { createHub } from './hub.ts';
import type { JobEvent } from './job-line.ts';
import { createSession } from './session.ts';
import { createSseAdapter } from './sse-adapter.ts';
import { createWsAdapter } from './ws-adapter.ts';

export interface GatewayParts {
  config: GatewayConfig;
  store: Pick<JobStore, 'getProgress' | 'listLifecycle' | 'listParents' | 'ping' | 'close'>;
  bus: EventBus;
  log: Log;
  metrics: Metrics;
}

/** Forwards each parent's progress and lifecycle to whoever watches it. Holds no truth: any replica serves anybody. */
export function createGateway({
  config,
  store,
  bus,
  log,
  metrics,
}: GatewayParts): Service & { port(): number } {
  const hub = createHub();
  const session = createSession({ hub, store, log });
  const heartbeatMs = config.HEARTBEAT_INTERVAL_MS;
  const pollMs = config.POLL_INTERVAL_MS;
  const delivered = metrics.counter(
    'backstop_delivered_total',
    'Frames that the backup poll delivered because no event had come',
  );
  const forwarded = metrics.counter('events_forwarded_total', 'Events that were news', ['type']);
  metrics.gauge('connections', 'Open client connections', () => hub.peers);

  const ops = createOpsHandler({
    metrics,
    checks: {
      postgres: () => store.ping(),
      nats: () => {
        if (bus.state !== 'connected') throw new Error(bus.state);
      },
    },
  });
  const deliver = (event: JobEvent) => {
    if (hub.deliver(event, Date.now())) forwarded.inc({ type: event.type });
  };
  let port = config.GATEWAY_PORT;
  let stopping: Promise<void> | undefined;
  const close: (() => Promise<void>)[] = [() => store.close(), () => bus.close()];

  return {
    name: 'ws-gateway',
    port: () => port,
    async start() {
      const sockets = createWsAdapter({ hub, session, log, heartbeatMs, pollMs });
      const streams = createSseAdapter({ hub, session, heartbeatMs, pollMs });
      const server = createServer((request, response) => {
        if (ops(request, response)) return;
        if (request.method === 'GET' && pathOf(request.url) === '/sse')
          void streams.handle(request, response);
        else response.writeHead(404).end();
      });
      server.on('upgrade', (request, socket, head) => {
        if (pathOf(request.url) === '/ws') sockets.upgrade(request, socket, head);
        else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      });
      port = await listen(server, { host: config.HOST, port, portVariable: 'GATEWAY_PORT' });
      close.push(
        () => closeServer(server),
        async () => streams.stop(),
        () => sockets.stop(),
      );
      const subscriptions = [
        bus.subscribe({ topic: 'parent_job_progress' }, deliver),
        bus.subscribe({ topic: 'job_lifecycle' }, deliver),
      ];
      close.push(async () => subscriptions.forEach((subscription) => void subscription.unsubscribe()));
      const polling = runEvery(pollMs, {
        name: 'poll',
        log,
        task: () =>
          pollSilentJobs({
            hub,
            store,
            silentForMs: pollMs,
            now: Date.now,
            onDelivered: () => delivered.inc(),
          }),
      });
      close.push(() => polling.stop());
      log.info({ url: `ws://${config.HOST}:${port}/ws` }, 'listening');
    },
    stop() {
      stopping ??= (async () => {
        for (const closeOne of close.reverse()) await closeOne();
      })();
      return stopping;
    },
  };
}

const pathOf = (url: string | undefined): string => (url ?? '').split('?')[0] ?? '';
