import { WORKER_ENDPOINTS } from '@progeny/contract';
import {
  type BusCounters,
  BusError,
  type BusLog,
  type BusOutage,
  createHandlerRunner,
  createQuietWarning,
  DEFAULT_TIMEOUT_MS,
  DRAIN_LIMIT_MS,
  type EncodedEvent,
  type EventBus,
  encodeEvent,
  encodeRequest,
  type Headers,
  withTimeout,
} from '@progeny/event-bus';
import type { NatsConnection, PublishOptions } from 'nats';
import { toBusError } from './bus-failure.ts';
import { createEventSubscription } from './event-subscription.ts';
import { createManagerService, readReply } from './manager-service.ts';
import { openNatsLink } from './nats-link.ts';
import type { Standing } from './standing.ts';
import { ensureStreamsOn } from './streams.ts';
import { createSyncPublisher, type Gathering } from './sync-publishing.ts';
import { wireHeaders } from './wire-headers.ts';

export interface NatsEventBusOptions {
  /** `nats://host:4222`, with credentials if need be; several separated by commas. */
  url: string;
  /** The name that `nats server report connections` shows. */
  name: string;
  log: BusLog;
  /** Told while NATS is away, and when it is back. Left out: nobody says so. */
  outage?: BusOutage;
  /** Sees to the history streams each time that the server becomes reachable. One service is enough. */
  keepHistory?: boolean;
  drainLimitMs?: number;
}

export interface NatsEventBus extends EventBus {
  /** Resolves when NATS has been reached for the first time; rejects with `unavailable` when closed before. */
  readonly connected: Promise<void>;
}

/**
 * The event bus on NATS. Returns at once and reaches for the server for ever, so that a service can start first.
 * Nothing is kept while it is away: what is published then is counted as unsent, and what was on its way when the
 * connection broke may be lost without a trace; Postgres is the truth.
 *
 * `publishSync` waits for the handlers of all who acknowledge the event within 200 ms, so it takes at least as long,
 * unless the server says that nobody listens. A stream on the subject counts as a listener, without a handler.
 */
export function connectNatsEventBus(options: NatsEventBusOptions): NatsEventBus {
  const { log, outage = UNTOLD, drainLimitMs = DRAIN_LIMIT_MS } = options;
  const counters: BusCounters = { unsent: 0, invalid: 0, handlerErrors: 0 };
  const runner = createHandlerRunner({ log, counters });
  const warnClosed = createQuietWarning(log, 'event not sent');
  const warnInvalid = createQuietWarning(log, 'event dropped: not of the shape of its topic');
  const standing = new Set<Standing>();
  const attaching = new Set<Promise<void>>();
  const onConnected = new Set<() => unknown>();
  let gather: (() => Gathering) | undefined;
  let closing: Promise<void> | undefined;

  const attach = (item: Standing, nc: NatsConnection) => {
    const attached = Promise.resolve(item.attach(nc))
      .catch((err: unknown) => log.error({ err }, 'NATS refused a service'))
      .finally(() => attaching.delete(attached));
    attaching.add(attached);
  };
  const link = openNatsLink({
    ...options,
    outage,
    onFirst: (nc) => {
      for (const item of standing) attach(item, nc);
    },
    onUp: (nc) => {
      if (options.keepHistory) void ensureStreamsOn(nc, log);
      void tellConnected();
    },
  });

  const usable = () => (link.state === 'connected' ? link.connection : null);
  const unavailable = () => new BusError('unavailable', `NATS cannot be reached: ${link.state}`);
  const connection = () => {
    const nc = usable();
    if (!nc) throw unavailable();
    return nc;
  };
  const flush = async () => {
    await Promise.all(attaching);
    await connection()
      .flush()
      .catch((error: unknown) => {
        throw toBusError(error, 'what was published');
      });
  };
  const tellConnected = async () => {
    const listeners = [...onConnected];
    // When it breaks again before everything stands, the next connection is told of.
    const stands = await flush().then(
      () => true,
      () => false,
    );
    for (const listener of stands ? listeners : []) {
      if (onConnected.has(listener)) void runner.run({ on: 'connected' }, listener);
    }
  };
  const countUnsent = (type: string) => {
    counters.unsent += 1;
    // That NATS is away is told once, by `outage`, whatever is not sent meanwhile.
    if (link.state === 'closed') warnClosed({ type, state: link.state });
  };
  const send = (
    nc: NatsConnection,
    { subject, text, headers }: EncodedEvent,
    type: string,
    reply?: string,
  ) => {
    try {
      // The client's own way from text to bytes costs five times as much.
      nc.publish(subject, Buffer.from(text), publishOptions(headers, reply));
    } catch (error) {
      const failure = toBusError(error, type);
      if (failure.code === 'too_large') throw failure;
      countUnsent(type);
    }
  };
  const stand = (item: Standing) => {
    if (closing) throw new BusError('unavailable', 'the bus is closed');
    standing.add(item);
    if (link.connection) attach(item, link.connection);
    return {
      unsubscribe: () => {
        if (standing.delete(item)) item.end();
      },
    };
  };
  const shutDown = async () => {
    const nc = usable();
    if (nc) {
      const drained = Promise.allSettled([...standing].map((item) => item.drain()));
      await withTimeout(drained, drainLimitMs, 'not drained').catch(() => {});
    }
    for (const item of standing) item.end();
    standing.clear();
    onConnected.clear();
    await runner.idle(drainLimitMs);
    // What the last handlers published leaves, too.
    const flushed = usable()?.flush() ?? Promise.resolve();
    await withTimeout(flushed, drainLimitMs, 'not flushed').catch(() => {});
    await link.close();
  };

  return {
    connected: link.connected,
    get state() {
      return link.state;
    },
    counters,

    publish(publication) {
      const encoded = encodeEvent(publication);
      const nc = usable();
      if (nc) send(nc, encoded, publication.event.type);
      else countUnsent(publication.event.type);
    },

    async publishSync(publication, { timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
      const encoded = encodeEvent(publication);
      const nc = usable();
      if (!nc) {
        countUnsent(publication.event.type);
        throw unavailable();
      }
      gather ??= createSyncPublisher(nc);
      const gathering = gather();
      try {
        send(nc, encoded, publication.event.type, gathering.reply);
        await withTimeout(gathering.ended(), timeoutMs, `a handler of ${encoded.subject} has not ended`);
      } finally {
        gathering.cancel();
      }
    },

    subscribe(filter, handler) {
      const onInvalid = (subject: string) => {
        counters.invalid += 1;
        warnInvalid({ subject });
      };
      return stand(createEventSubscription({ filter, handler, runner, log, onInvalid }));
    },

    serve: (handlers) => stand(createManagerService({ handlers, runner, log })),

    async request(endpoint, request, { timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
      const text = encodeRequest(endpoint, request);
      const reply = await connection()
        .request(WORKER_ENDPOINTS[endpoint].subject, text, { timeout: timeoutMs })
        .catch((error: unknown) => {
          throw toBusError(error, endpoint);
        });
      return readReply(endpoint, reply);
    },

    onConnected(listener) {
      if (closing) throw new BusError('unavailable', 'the bus is closed');
      // A listener of its own, so that the same function may listen twice.
      const own = () => listener();
      onConnected.add(own);
      return { unsubscribe: () => onConnected.delete(own) };
    },

    flush,

    close() {
      closing ??= shutDown();
      return closing;
    },
  };
}

const UNTOLD: BusOutage = { failed() {}, worked() {} };

function publishOptions(headers: Headers | undefined, reply: string | undefined): PublishOptions | undefined {
  if (headers === undefined && reply === undefined) return undefined;
  const options: PublishOptions = {};
  if (headers !== undefined) options.headers = wireHeaders(headers);
  if (reply !== undefined) options.reply = reply;
  return options;
}
