import { createServer, type IncomingMessage } from 'node:http';
import type { ProblemCode } from '@progeny/contract';
import type { EventBus } from '@progeny/event-bus';
import { createAuthenticator } from '@progeny/identity';
import type { JobStore } from '@progeny/job-store';
import {
  closeServer,
  connectedCheck,
  createOpsHandler,
  createOutage,
  createService,
  isTransient,
  keepAsking,
  type Log,
  listen,
  type Metrics,
  runEvery,
  type Service,
  watchCalls,
} from '@progeny/kit';
import type { GatewayConfig } from './config.ts';
import { createGatewayMetrics } from './gateway-metrics.ts';
import { createHub } from './hub/hub.ts';
import { createInterest } from './interest.ts';
import { createBackupPoll } from './poll/backup-poll.ts';
import { hearDeletions } from './poll/deletions.ts';
import { createGapRepair } from './poll/gap-repair.ts';
import { createSession } from './session/session.ts';
import { createSnapshotReader } from './session/snapshot-reader.ts';
import { createDoor } from './transport/door.ts';
import { refuseRequest, refuseUpgrade } from './transport/refusal.ts';
import { createSseAdapter } from './transport/sse-adapter.ts';
import { createWsAdapter } from './transport/ws-adapter.ts';

export interface GatewayParts {
  config: GatewayConfig;
  store: Pick<JobStore, 'as' | 'takeTicket' | 'ping' | 'close'>;
  bus: EventBus;
  log: Log;
  metrics: Metrics;
}

/** Looked for so often within an interval, what fell silent is read before the interval has passed. */
const POLL_STEP = 1 / 6;

/** Forwards the progress, lifecycle and steps of jobs to whoever watches it. Holds no truth: any replica serves anybody. */
export function createGateway(parts: GatewayParts): Service & { port(): number } {
  const { config, bus, log, metrics } = parts;
  const store = watchCalls(parts.store, createOutage({ log, what: 'postgres' }));
  const pollMs = config.POLL_INTERVAL_MS;
  let isDraining = false;
  let port = config.GATEWAY_PORT;

  const interest = createInterest({
    bus,
    deliver(event, owner) {
      if (hub.deliver(event, owner)) counted.forwarded.inc({ type: event.type });
    },
  });
  const hub = createHub({ clock: CLOCK, onWatched: interest.watch, onGap: (jobId) => gaps.add(jobId) });
  const counted = createGatewayMetrics(metrics, {
    connections: () => sockets.size + streams.size,
    watchedJobs: () => hub.watchedJobs,
    busSubscriptions: () => interest.size,
  });
  const backup = createBackupPoll({
    hub,
    store,
    silentForMs: pollMs * (1 - POLL_STEP),
    now: Date.now,
    onDelivered: () => counted.backstopDelivered.inc(),
  });
  /** The bus was away: all that is watched is read as soon as it can be. */
  let isEverythingDue = false;
  const poll = async () => {
    const everything = isEverythingDue;
    isEverythingDue = false;
    try {
      await backup.poll({ everything });
    } catch (error) {
      isEverythingDue ||= everything;
      throw error;
    }
  };
  const onUnread = (error: unknown) => {
    // The next poll reads what is silent.
    if (!isTransient(error)) log.error({ err: error }, 'missing events could not be read');
  };
  const gaps = createGapRepair(backup.catchUp, onUnread);

  /** Why nobody more is let in; null while somebody is. */
  const closedTo = (): ProblemCode | null => {
    if (isDraining) return 'restarting';
    return sockets.size + streams.size >= config.MAX_CONNECTIONS ? 'full' : null;
  };

  const toReaders = {
    hub,
    session: createSession({
      hub,
      readSnapshot: createSnapshotReader({ store, standing: interest.standing }),
      log,
    }),
    door: createDoor({
      settings: config,
      authenticator: createAuthenticator(config),
      store,
      now: Date.now,
    }),
    closedTo,
    log,
    heartbeatMs: config.HEARTBEAT_INTERVAL_MS,
    pollMs,
    now: Date.now,
    onConflated: () => counted.conflated.inc(),
    onRefused: (reason: ProblemCode) => counted.refused.inc({ reason }),
  };
  const sockets = createWsAdapter({
    ...toReaders,
    pongTimeoutMs: config.PONG_TIMEOUT_MS,
    onClosed: (code) => counted.closed.inc({ code: String(code) }),
  });
  const streams = createSseAdapter(toReaders);

  const ops = createOpsHandler({
    metrics,
    checks: { postgres: () => store.ping(), nats: connectedCheck(bus) },
  });
  const server = createServer((request, response) => {
    if (ops(request, response)) return;
    const isStream = pathOf(request) === '/sse' && STREAM_METHODS.has(request.method ?? '');
    const refusal = isStream ? closedTo() : 'route_not_found';
    if (refusal) refuseRequest(response, refusal);
    else void streams.handle(request, response);
  });
  server.on('upgrade', (request, socket, head) => {
    const refusal = pathOf(request) === '/ws' ? closedTo() : 'route_not_found';
    if (refusal) {
      toReaders.onRefused(refusal);
      refuseUpgrade(socket, refusal);
    } else void sockets.upgrade(request, socket, head);
  });

  const service = createService('ws-gateway', async (onStop) => {
    onStop(() => store.close());
    onStop(() => bus.close());
    onStop(() => hub.close());
    onStop(async () => {
      isDraining = true;
      await Promise.all([sockets.drain(config.DRAIN_TIME_MS), streams.drain(config.DRAIN_TIME_MS)]);
      await closeServer(server);
    });
    port = await listen(server, { host: config.HOST, port, portVariable: 'GATEWAY_PORT' });
    onStop(() => gaps.stop());
    const deletions = hearDeletions({ bus, look: backup.lookForDeleted, onError: onUnread });
    onStop(() => deletions.unsubscribe());
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

/** A browser asks with OPTIONS before a page's first GET with a token. */
const STREAM_METHODS: ReadonlySet<string> = new Set(['GET', 'OPTIONS']);

const CLOCK = {
  now: Date.now,
  after(delayMs: number, task: () => void) {
    const timer = setTimeout(task, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

const pathOf = ({ url }: IncomingMessage): string => (url ?? '').split('?')[0] ?? '';
