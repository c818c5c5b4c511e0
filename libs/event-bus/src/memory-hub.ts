import { parseSubject, type Subject, type WorkerEndpoint } from '@progeny/contract';
import type { Headers } from './event-bus.ts';
import type { Answer } from './request-codec.ts';

export interface HubMessage {
  subject: string;
  text: string;
  headers: Headers | undefined;
  /** False for text from outside, which each receiver has to check. */
  checked: boolean;
  /** Told the ends of all handlers that got the message, once all have been called. */
  onDelivered?: (ends: Promise<void>[]) => void;
}

export interface HubSubscriber {
  matches(subject: Subject): boolean;
  queue: string | undefined;
  /** The end of the handler, or undefined when it has ended already. */
  deliver(message: HubMessage, subject: Subject): Promise<void> | undefined;
}

export type HubServer = (endpoint: WorkerEndpoint, requestText: string) => Promise<Answer>;

/** What buses in one process share: the place of the NATS server. */
export interface MemoryHub {
  readonly subscribers: Set<HubSubscriber>;
  readonly servers: Set<HubServer>;
  /** Delivers after the caller has ended, in the order of the calls. */
  send(message: HubMessage): void;
  /** Puts any text on any subject, as somebody outside could. */
  inject(subject: string, text: string): void;
  /** One of those who serve, each in turn; undefined when nobody does. */
  nextServer(): HubServer | undefined;
  /** Resolves when everything sent before has been handed to its handlers. */
  flush(): Promise<void>;
}

/** After so many messages timers and sockets get their turn. */
const SLICE = 1_000;

export function createMemoryHub(): MemoryHub {
  const subscribers = new Set<HubSubscriber>();
  const servers = new Set<HubServer>();
  const route = createRouter(subscribers);
  let queue: (HubMessage | (() => void))[] = [];
  let scheduled = false;
  let turn = 0;

  const enqueue = (item: HubMessage | (() => void)) => {
    queue.push(item);
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(deliverSlice);
  };

  const deliverSlice = () => {
    let next = 0;
    for (; next < queue.length && next < SLICE; next += 1) {
      const item = queue[next];
      if (typeof item === 'function') item();
      else if (item) route(item);
    }
    queue = queue.slice(next);
    scheduled = queue.length > 0;
    if (scheduled) setTimeout(deliverSlice, 0);
  };

  return {
    subscribers,
    servers,
    send: enqueue,
    inject: (subject, text) => enqueue({ subject, text, headers: undefined, checked: false }),
    nextServer: () => {
      turn += 1;
      return [...servers][turn % servers.size];
    },
    flush: () => new Promise((resolve) => enqueue(resolve)),
  };
}

function createRouter(subscribers: ReadonlySet<HubSubscriber>): (message: HubMessage) => void {
  let turn = 0;
  return (message) => {
    const subject = parseSubject(message.subject);
    const ends: Promise<void>[] = [];
    if (subject) {
      turn += 1;
      for (const subscriber of receivers(subscribers, subject, turn)) {
        const end = subscriber.deliver(message, subject);
        if (end) ends.push(end);
      }
    }
    message.onDelivered?.(ends);
  };
}

/** Everybody without a queue, and of each queue group one member, each in turn. */
function receivers(subscribers: ReadonlySet<HubSubscriber>, subject: Subject, turn: number): HubSubscriber[] {
  const all: HubSubscriber[] = [];
  const groups = new Map<string, HubSubscriber[]>();
  for (const subscriber of subscribers) {
    if (!subscriber.matches(subject)) continue;
    if (subscriber.queue === undefined) {
      all.push(subscriber);
      continue;
    }
    const group = groups.get(subscriber.queue);
    if (group) group.push(subscriber);
    else groups.set(subscriber.queue, [subscriber]);
  }
  for (const group of groups.values()) {
    const member = group[turn % group.length];
    if (member) all.push(member);
  }
  return all;
}
