import type { ConnectionStatus } from './connection-state.ts';
import type { JobLedger } from './job-ledger.ts';
import { createPolling } from './polling.ts';
import { createProgressApi, type PolledState } from './progress-api.ts';
import { createSocketLink } from './socket-link.ts';
import { createSseLink } from './sse-link.ts';
import { ASK_AGAIN_MS, createSubscription, type Subscription } from './subscription.ts';
import type { TokenSource } from './token-source.ts';
import type { Watches, WatchTarget } from './watches.ts';
import type { WebSocketClass } from './web-socket-like.ts';
import type { ControlMessage, ServerMessage } from './wire.ts';

/** The socket may be away this long before the fallbacks begin. */
export const FALLBACK_AFTER_MS = 3_000;

type Answer = Extract<ControlMessage, { type: 'subscribed' | 'refused' }>;

export interface ConnectionOptions {
  url: () => string | Promise<string>;
  apiUrl: string | undefined;
  tokens: TokenSource;
  WebSocket: WebSocketClass;
  fetch: typeof globalThis.fetch;
  now: () => number;
  random: () => number;
  ledger: JobLedger;
  watches: Pick<Watches, 'wanted' | 'named'>;
  status: ConnectionStatus;
  onMessage: (message: ServerMessage) => void;
  onPolled: (state: PolledState) => void;
  /** There is no such job, as far as the manager tells. */
  onNone: (jobId: string) => void;
}

export interface Connection {
  /** What is watched has changed. */
  reconcile(): void;
  /** What a gateway says of subscriptions. */
  answered(message: Answer): void;
  /** Lifecycle events of this job are missing: they are asked for. */
  gap(jobId: string): void;
  /** Whether events that are missed now are replayed later. */
  readonly replays: boolean;
  resync(): void;
  close(): void;
}

/** WebSocket; while it is away, server-sent events; while they are away too, the manager's API. */
export function createConnection(options: ConnectionOptions): Connection {
  const { url, apiUrl, tokens, fetch, random, ledger, watches, status } = options;
  let fallback: ReturnType<typeof setTimeout> | undefined;
  let streamed: WatchTarget | undefined;

  const polling =
    apiUrl === undefined
      ? undefined
      : createPolling({
          api: createProgressApi({ ...options, apiUrl, onState: options.onPolled }),
          ...watches,
          onPolled: (reached) => (reached ? status.polling() : status.lost()),
        });

  const endFallback = (): void => {
    clearTimeout(fallback);
    fallback = undefined;
    streamed = undefined;
    stream.stop();
    polling?.stop();
  };
  const beginFallback = (): void => {
    // While the manager answers, a gateway that is still away is no news.
    if (status.state.status !== 'polling') status.lost();
    fallback ??= setTimeout(followStream, FALLBACK_AFTER_MS);
  };
  const followStream = (): void => {
    const wanted = watches.wanted();
    if (wanted === null || String(wanted) === String(streamed)) return;
    streamed = wanted;
    stream.start(wanted);
  };

  const up = (via: 'websocket' | 'sse', wanted: WatchTarget | null): void => {
    polling?.stop();
    status.live(via);
    // Changes alone are announced to whoever hears everything, so the present state has to be read.
    if (typeof wanted === 'string') polling?.once();
  };
  const socket = createSocketLink({
    ...options,
    onUp: () => {
      endFallback();
      const wanted = watches.wanted();
      up('websocket', wanted);
      subscription.renewed(wanted);
    },
    onDown: (refusal) => {
      subscription.lost();
      if (refusal !== undefined) status.refused(refusal);
      beginFallback();
    },
  });
  const stream = createSseLink({
    url,
    tokens,
    fetch,
    random,
    cursorOf,
    onUp: () => up('sse', streamed ?? null),
    onDown: () => {
      if (status.state.status === 'live') status.lost();
      polling?.start();
    },
    onMessage: options.onMessage,
  });
  const subscription: Subscription = createSubscription({
    ledger,
    wanted: watches.wanted,
    send: socket.send,
    renew: socket.renew,
  });

  function cursorOf(target: WatchTarget): string | undefined {
    const { epoch } = ledger;
    if (typeof target === 'string' || epoch === undefined) return undefined;
    for (const jobId of target) ledger.fromStart(jobId);
    return [epoch, ...target.map((jobId) => ledger.cursor(jobId))].join('.');
  }

  /** Whoever hears everything is told of changes alone, so the state of a job that is named then has to be read. */
  const lookForNamed = (): void => {
    if (typeof watches.wanted() !== 'string') return;
    polling?.look(watches.named().filter((jobId) => !ledger.knows(jobId)));
  };

  const reconcile = (): void => {
    if (watches.wanted() === null) {
      subscription.lost();
      endFallback();
      socket.disconnect();
      status.idle();
    } else if (socket.isUp) {
      lookForNamed();
      subscription.change();
    } else if (socket.start()) {
      beginFallback();
    } else if (streamed !== undefined) {
      followStream();
      polling?.follow();
    }
  };

  return {
    reconcile,
    answered(message) {
      if (message.type === 'subscribed') subscription.subscribed(message.payload);
      else if (!stream.isUp) subscription.refused(message.payload);
      else if (message.payload.retryable) stream.reopenAfter(ASK_AGAIN_MS);
    },
    gap(jobId) {
      if (socket.isUp) subscription.gap(jobId);
      else if (stream.isUp && streamed !== undefined) stream.start(streamed);
    },
    get replays() {
      return socket.isUp ? subscription.replays : stream.isUp && typeof streamed !== 'string';
    },
    resync() {
      if (watches.wanted() === null) return;
      socket.probe();
      if (stream.isUp && streamed !== undefined) stream.start(streamed);
      polling?.once();
    },
    close() {
      endFallback();
      subscription.lost();
      socket.disconnect();
      status.idle();
    },
  };
}
