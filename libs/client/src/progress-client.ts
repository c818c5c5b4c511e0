import type { ServerMessage } from '@progeny/contract';
import { assertNever } from '@progeny/core';
import { createFallbackPolling } from './fallback-polling.ts';
import { createGatewaySocket, type GatewayWebSocket } from './gateway-socket.ts';
import { poll } from './poll.ts';
import { createProgressStore, type ProgressReader } from './progress-store.ts';
import { createSubscription } from './subscription.ts';
import { onWake } from './wake.ts';
import { createWatchList, type WatchTarget } from './watch-list.ts';

export interface ProgressClientOptions {
  /** Address of the gateway's socket. A function is asked before each attempt to connect. */
  gatewayUrl: string | (() => string | Promise<string>);
  /** Where the HTTP API is, without a slash at the end. */
  apiUrl: string;
  WebSocket?: new (url: string) => GatewayWebSocket;
  fetch?: typeof fetch;
  now?: () => number;
  random?: () => number;
}

export interface ProgressClient extends ProgressReader {
  /** Keeps these jobs up to date until the answer is called. The connection lives while anything is watched. */
  watch(target: WatchTarget): () => void;
  /** Asks for the present state at once and reconnects without waiting. Happens by itself when a tab wakes. */
  resync(): void;
  close(): void;
}

/** Live progress of jobs, kept right over lost connections, late frames and sleeping tabs. */
export function createProgressClient(options: ProgressClientOptions): ProgressClient {
  const { gatewayUrl, apiUrl, now = Date.now, random = Math.random } = options;
  let closed = false;

  const watchList = createWatchList(() => queueMicrotask(reconcile));
  const store = createProgressStore(watchList.has);

  const pollOnce = async (): Promise<boolean> => {
    const target = watchList.wanted();
    if (target === null) return true;
    return poll(target, { apiUrl, fetch: options.fetch ?? fetch, onProgress: accept });
  };
  const polling = createFallbackPolling({
    poll: pollOnce,
    onPolled: (reached) => store.setConnection(reached ? 'polling' : 'reconnecting'),
  });

  const socket = createGatewaySocket({
    url: typeof gatewayUrl === 'string' ? () => gatewayUrl : gatewayUrl,
    WebSocket: options.WebSocket ?? WebSocket,
    now,
    random,
    onUp: () => {
      polling.stop();
      store.setConnection('live');
      const wanted = watchList.wanted();
      subscription.renewed(wanted);
      // Changes alone are announced to whoever hears everything, so the present state has to be read.
      if (wanted === 'all') void pollOnce();
    },
    onDown: () => {
      subscription.lost();
      if (store.getSnapshot().connection === 'live') store.setConnection('reconnecting');
      polling.start();
    },
    onMessage: receive,
  });
  const subscription = createSubscription({
    send: socket.send,
    renew: () => {
      polling.start();
      socket.renew();
    },
  });

  function accept(progress: Parameters<ProgressClient['accept']>[0]): void {
    if (!closed) store.accept(progress);
  }

  function receive(message: ServerMessage): void {
    switch (message.type) {
      case 'parent_job_progress':
        accept(message.payload);
        break;
      case 'JOB_STARTED':
      case 'JOB_PROGRESS':
      case 'JOB_COMPLETED':
      case 'JOB_FAILED':
      case 'JOB_CANCELLED':
        store.acceptLifecycle(message);
        break;
      case 'error':
        subscription.refused(message.payload);
        break;
      case 'welcome':
      case 'subscribed':
      case 'unsubscribed':
      case 'pong':
        break;
      default:
        assertNever(message);
    }
  }

  function reconcile(): void {
    if (closed) return;
    const wanted = watchList.wanted();
    if (wanted === null) {
      subscription.lost();
      polling.stop();
      socket.disconnect();
    } else if (socket.isUp) {
      subscription.change(wanted);
    } else {
      polling.start();
      polling.hurry();
      socket.start();
    }
  }

  const resync = (): void => {
    if (closed || watchList.wanted() === null) return;
    socket.probe();
    void pollOnce();
  };
  const stopWaking = onWake(resync);

  return {
    subscribe: store.subscribe,
    getSnapshot: store.getSnapshot,
    subscribeJob: store.subscribeJob,
    getJob: store.getJob,
    onLifecycle: store.onLifecycle,
    accept,
    watch: watchList.add,
    resync,
    close: () => {
      closed = true;
      stopWaking();
      polling.stop();
      subscription.lost();
      socket.disconnect();
      store.stop();
    },
  };
}
