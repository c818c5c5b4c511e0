import type { Subject, Topic } from '@progeny/contract';
import { BusError } from './bus-error.ts';
import { DEFAULT_TIMEOUT_MS, DRAIN_LIMIT_MS } from './bus-limits.ts';
import { type BusLog, createQuietWarning, SILENT_LOG } from './bus-log.ts';
import type {
  BusCounters,
  BusState,
  EventBus,
  EventHandler,
  Headers,
  SubscribeOptions,
} from './event-bus.ts';
import { decodeEvent, encodeEvent, encodeFilter } from './event-codec.ts';
import { createHandlerRunner } from './handler-runner.ts';
import { createMemoryHub, type HubMessage, type MemoryHub } from './memory-hub.ts';
import { answerRequest, decodeReply, encodeRequest } from './request-codec.ts';
import { withTimeout } from './with-timeout.ts';

export interface MemoryEventBusOptions {
  log?: BusLog;
  /** Buses on one hub talk to each other. Left out: a hub of its own. */
  hub?: MemoryHub;
  drainLimitMs?: number;
}

const NO_HEADERS: Headers = Object.freeze({});

/**
 * The bus within one process: for tests, and for all services in one process where no NATS server can be had. Every
 * handler gets a copy of its own, made from JSON as on the wire, and runs after the publisher's call has ended.
 */
export function createMemoryEventBus(options: MemoryEventBusOptions = {}): EventBus {
  const { log = SILENT_LOG, hub = createMemoryHub(), drainLimitMs = DRAIN_LIMIT_MS } = options;
  const counters: BusCounters = { unsent: 0, invalid: 0, handlerErrors: 0 };
  const runner = createHandlerRunner({ log, counters });
  const warnUnsent = createQuietWarning(log, 'event not sent');
  const warnInvalid = createQuietWarning(log, 'event dropped: not of the shape of its topic');
  const standing = new Set<() => void>();
  let state: BusState = 'connected';
  let closing: Promise<void> | undefined;

  const assertOpen = () => {
    if (closing) throw new BusError('unavailable', 'the bus is closed');
  };
  const stand = (end: () => void) => {
    standing.add(end);
    const unsubscribe = () => {
      if (standing.delete(end)) end();
    };
    return { unsubscribe };
  };
  const countUnsent = (type: string) => {
    counters.unsent += 1;
    warnUnsent({ type, state });
  };
  const decode = <T extends Topic>(topic: T, message: HubMessage) => {
    const event = decodeEvent(topic, message.text, { checked: message.checked });
    if (!event) {
      counters.invalid += 1;
      warnInvalid({ subject: message.subject });
    }
    return event;
  };
  const drain = async () => {
    await hub.flush();
    for (const end of standing) end();
    standing.clear();
    await runner.idle(drainLimitMs);
    // What the last handlers published leaves, too.
    await hub.flush();
    state = 'closed';
  };

  return {
    get state() {
      return state;
    },
    counters,

    publish(publication) {
      const encoded = encodeEvent(publication);
      if (state === 'closed') return countUnsent(publication.event.type);
      hub.send({ ...encoded, checked: true });
    },

    async publishSync(publication, { timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
      const encoded = encodeEvent(publication);
      if (state === 'closed') {
        countUnsent(publication.event.type);
        throw new BusError('unavailable', 'the bus is closed');
      }
      const ended = new Promise<unknown>((resolve) => {
        hub.send({ ...encoded, checked: true, onDelivered: (ends) => resolve(Promise.all(ends)) });
      });
      await withTimeout(ended, timeoutMs, `a handler of ${encoded.subject} has not ended`);
    },

    subscribe<T extends Topic>(filter: SubscribeOptions<T>, handler: EventHandler<T>) {
      assertOpen();
      encodeFilter(filter);
      let active = true;
      const subscriber = {
        queue: filter.queue,
        matches: (subject: Subject) => isWanted(filter, subject),
        deliver: (message: HubMessage, subject: Subject) => {
          if (!active || filter.skip?.(subject)) return undefined;
          const event = decode(filter.topic, message);
          if (!event) return undefined;
          const delivery = { ...subject, headers: message.headers ?? NO_HEADERS };
          return runner.run(subject, () => handler(event, delivery));
        },
      };
      hub.subscribers.add(subscriber);
      return stand(() => {
        active = false;
        hub.subscribers.delete(subscriber);
      });
    },

    serve(handlers) {
      assertOpen();
      const server: Parameters<typeof hub.servers.add>[0] = (endpoint, text) =>
        answerRequest(endpoint, text, { handlers, runner });
      hub.servers.add(server);
      return stand(() => hub.servers.delete(server));
    },

    async request(endpoint, request, { timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
      if (state === 'closed') throw new BusError('unavailable', 'the bus is closed');
      const text = encodeRequest(endpoint, request);
      const server = hub.nextServer();
      if (!server) throw new BusError('no_responder', `nobody serves ${endpoint}`);
      const answer = await withTimeout(server(endpoint, text), timeoutMs, `no reply of ${endpoint}`);
      if (!answer.ok) throw new BusError(answer.code, answer.message);
      return decodeReply(endpoint, answer.text);
    },

    // Within one process the bus is always there.
    onConnected() {
      assertOpen();
      return { unsubscribe() {} };
    },

    async flush() {
      if (state === 'closed') throw new BusError('unavailable', 'the bus is closed');
      await hub.flush();
    },

    close() {
      closing ??= drain();
      return closing;
    },
  };
}

function isWanted({ topic, tenantId, jobId, hasParent }: SubscribeOptions<Topic>, subject: Subject): boolean {
  return (
    subject.topic === topic &&
    (tenantId === undefined || subject.tenantId === tenantId) &&
    (jobId === undefined || subject.jobId === jobId) &&
    (hasParent === undefined || hasParent === (subject.parentId !== undefined))
  );
}
