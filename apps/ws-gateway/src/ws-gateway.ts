import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import type { EventBus } from '@progeny/event-bus';
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
import { createBackupPoll } from './backup-poll.ts';
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

/** Looked for so often within an interval, what fell silent is read before the interval has passed. */
const POLL_STEP = 1 / 6;

/** Forwards each parent's progress and lifecycle to whoever watches it. Holds no truth: any replica serves anybody. */
export function createGateway(parts: GatewayParts): Service & { port(): number } {
  const { config, bus, log, metrics } = parts;
  const store = watchCalls(parts.store, createOutage({ log, what: 'postgres' }));
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
    checks: { postgres: () => store.ping(), nats: connectedCheck(bus) },
  });
  const deliver = (event: JobEvent) => {
    if (hub.deliver(event, Date.now())) forwarded.inc({ type: event.type });
  };
  const readSilent = createBackupPoll({
    hub,
    store,
    silentForMs: pollMs * (1 - POLL_STEP),
    now: Date.now,
    onDelivered: () => delivered.inc(),
  });
  /** The bus was away: all that is watched is read as soon as it can be. */
  let isEverythingDue = false;
  const poll = async () => {
    const everything = isEverythingDue;
    isEverythingDue = false;
    try {
      await readSilent({ everything });
    } catch (error) {
      isEverythingDue ||= everything;
      throw error;
    }
  };
  let port = config.GATEWAY_PORT;

  const service = createService('ws-gateway', async (onStop) => {
    onStop(() => store.close());
    onStop(() => bus.close());
    const sockets = createWsAdapter({ hub, session, log, heartbeatMs, pollMs });
    const streams = createSseAdapter({ hub, session, heartbeatMs, pollMs });
    const server = createServer((request, response) => {
      if (ops(request, response)) return;
      if (request.method === 'GET' && pathOf(request.url) === '/sse') void streams.handle(request, response);
      else response.writeHead(404).end();
    });
    server.on('upgrade', (request, socket, head) => {
      if (!server.listening) refuseUpgrade(socket, '503 Service Unavailable');
      else if (pathOf(request.url) === '/ws') sockets.upgrade(request, socket, head);
      else refuseUpgrade(socket, '404 Not Found');
    });
    onStop(async () => {
      // Nobody new first: those who are told to come back must not come back to this process.
      const closed = closeServer(server);
      streams.stop();
      await sockets.stop();
      await closed;
    });
    port = await listen(server, { host: config.HOST, port, portVariable: 'GATEWAY_PORT' });
    for (const topic of ['parent_job_progress', 'job_lifecycle'] as const) {
      const subscription = bus.subscribe({ topic }, deliver);
      onStop(() => subscription.unsubscribe());
    }
    const polling = runEvery(pollMs * POLL_STEP, { name: 'poll', log, task: poll });
    onStop(() => polling.stop());
    // Also after a freeze, for which NATS cuts off a connection as too slow.
    const back = bus.onConnected(() => {
      isEverythingDue = true;
      polling.runNow();
    });
    onStop(() => back.unsubscribe());
    const asking = keepAsking('postgres', { log, ask: () => store.ping() });
    onStop(() => asking.stop());
    log.info({ url: `ws://${config.HOST}:${port}/ws` }, 'listening');
  });
  return { ...service, port: () => port };
}

/** The server has let go of the socket: whatever breaks it now, and its end, are ours. */
function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
}

const pathOf = (url: string | undefined): string => (url ?? '').split('?')[0] ?? '';
