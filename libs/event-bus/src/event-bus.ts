import type {
  ParsedWorkerRequest,
  ProgenyEvent,
  Subject,
  Topic,
  TopicEvents,
  WorkerEndpoint,
  WorkerReply,
  WorkerRequest,
} from '@progeny/contract';

export type Headers = Readonly<Record<string, string>>;

export interface Publication {
  tenantId: string;
  event: ProgenyEvent;
  headers?: Headers;
}

export interface Delivery extends Subject {
  headers: Headers;
}

export interface SubscribeOptions<T extends Topic> {
  topic: T;
  /** Left out: all tenants. */
  tenantId?: string;
  /** Left out: all jobs. */
  jobId?: string;
  /** Only jobs that are children of another, or only those that are not; on topics whose subjects name the parent. */
  hasParent?: boolean;
  /** Subscribers of one queue group share the messages; each goes to one of them. */
  queue?: string;
  /** Asked before a message is decoded, which is most of its cost: true lets it go, for it could change nothing. */
  skip?: (subject: Subject) => boolean;
}

export type EventHandler<T extends Topic> = (
  event: TopicEvents[T],
  delivery: Delivery,
) => void | Promise<void>;

export interface Subscription {
  /** After it returns, the handler is not called again. Idempotent. */
  unsubscribe(): void;
}

export type RequestHandlers = {
  [E in WorkerEndpoint]: (request: ParsedWorkerRequest<E>) => Promise<WorkerReply<E>>;
};

/** `connected` is the only state in which a publish reaches others. */
export type BusState = 'connected' | 'reconnecting' | 'closed';

/** Told of each try to reach the bus and how it ended, so that somebody can say so in the log. */
export interface BusOutage {
  failed(error: unknown): void;
  worked(): void;
}

/** What a bus could not do, since it was made; metrics read it. */
export interface BusCounters {
  /** Events not sent: the bus was unreachable or closed. */
  unsent: number;
  /** Events dropped on arrival: not of the shape that their topic has. */
  invalid: number;
  /** Handlers that threw or rejected. */
  handlerErrors: number;
}

/**
 * The event bus: facts out, facts in, and requests to whoever serves them. A handler that throws or never returns
 * harms no other handler and no publisher. For messages of one publisher on one subject a handler is called in their
 * order, and without waiting for its promise: whoever must finish one event before the next keeps its own queue.
 */
export interface EventBus {
  /**
   * Sends and forgets. Throws BusError `invalid_event` or `invalid_subject` for what should never have been sent;
   * an unreachable bus is counted, and never an error of the caller.
   */
  publish(publication: Publication): void;

  /**
   * Sends, and resolves when every handler that got the event has ended, with or without an error. Rejects with
   * BusError `timeout` when one has not after `timeoutMs` (5,000 where left out), `unavailable` when nothing could be
   * sent. For tests and rare commands, not for the hot path.
   */
  publishSync(publication: Publication, options?: { timeoutMs?: number }): Promise<void>;

  /** Throws BusError `invalid_subject`, or `unavailable` once the bus is closed. While it reconnects it just waits. */
  subscribe<T extends Topic>(options: SubscribeOptions<T>, handler: EventHandler<T>): Subscription;

  /** Serves the worker endpoints, together with every other bus that serves them. */
  serve(handlers: RequestHandlers): Subscription;

  /**
   * Asks one of those who serve. Rejects with BusError: `no_responder` at once when nobody serves, `timeout` after
   * `timeoutMs` (5,000 where left out), `invalid_request`, `refused` with the problem's code before the message,
   * `remote_failed` with the remote's message, `too_large`, or `unavailable`: the bus is, or what the remote itself
   * needs, by an error that is `retryable`.
   */
  request<E extends WorkerEndpoint>(
    endpoint: E,
    request: WorkerRequest<E>,
    options?: { timeoutMs?: number },
  ): Promise<WorkerReply<E>>;

  /**
   * Calls the listener each time that the bus has become reachable, once every subscription stands again: whatever was
   * told before may have been missed. Not for a connection that stood already. Throws BusError `unavailable` once the
   * bus is closed.
   */
  onConnected(listener: () => void | Promise<void>): Subscription;

  readonly state: BusState;
  readonly counters: Readonly<BusCounters>;

  /** Resolves when everything published before has reached the bus, and every subscription made before stands. */
  flush(): Promise<void>;

  /**
   * Takes no more events and requests, lets running handlers end (at most five seconds; what they publish still
   * leaves) and closes. Idempotent.
   */
  close(): Promise<void>;
}
