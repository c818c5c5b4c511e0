import { createConnection } from './connection.ts';
import { type ConnectionState, createConnectionStatus } from './connection-state.ts';
import { NoWebSocketError } from './errors.ts';
import { createJobLedger } from './job-ledger.ts';
import { createListeners } from './listeners.ts';
import { createProgressStore, type ProgressReader } from './progress-store.ts';
import { createTokenSource, type Token } from './token-source.ts';
import { onWake } from './wake.ts';
import type { Watch } from './watch.ts';
import { createWatches } from './watches.ts';
import type { WebSocketClass } from './web-socket-like.ts';
import {
  assertNever,
  isEnded,
  isTerminal,
  type JobEvent,
  type ParentJobProgress,
  type ServerMessage,
} from './wire.ts';

export interface ConnectOptions {
  /** Of the gateway, `ws://…/ws` or `wss://…/ws`. A function is asked before each attempt to connect. */
  url: string | (() => string | Promise<string>);
  /** Of the manager, without a slash at the end, for when no gateway can be reached; left out, nothing is polled. */
  apiUrl?: string | undefined;
  /** Who one is. A function is asked before each attempt to connect, and again before the token expires. */
  token?: Token | undefined;
  /** Node.js has its own from version 22 on; before, that of the package `ws` fits. */
  WebSocket?: WebSocketClass;
  fetch?: typeof globalThis.fetch;
  now?: () => number;
  random?: () => number;
}

/** Live progress of jobs, kept right over lost connections, late frames and sleeping tabs. */
export interface ProgenyClient extends ProgressReader {
  /** What happens to one job, from its present state to its end: call `onEvent`, or read it with `for await`. */
  watch(jobId: string, onEvent?: (event: JobEvent) => void): Watch;
  /** What happens to every job that one may see, until it is stopped. Lifecycle events missed meanwhile show as state. */
  watchAll(onEvent?: (event: JobEvent) => void): Watch;
  readonly state: ConnectionState;
  /** Calls back at once after each change of `state`. Returns the way out. */
  onState(listener: (state: ConnectionState) => void): () => void;
  /** Takes in a snapshot that came another way, by the same rule: only what is newer counts. */
  accept(progress: ParentJobProgress): void;
  /** Asks for the present state at once and reconnects without waiting. Happens by itself when a tab wakes. */
  resync(): void;
  /** Ends everything for good. */
  close(): void;
}

/** Throws `NoWebSocketError` where there is none. The connection is made when something is watched. */
export function connect(options: ConnectOptions): ProgenyClient {
  const { url, now = Date.now, random = Math.random } = options;
  const WebSocket = options.WebSocket ?? (globalThis.WebSocket as WebSocketClass | undefined);
  if (!WebSocket) throw new NoWebSocketError();
  let isClosed = false;
  let isReconciling = false;

  const states = createListeners<ConnectionState>();
  const status = createConnectionStatus({
    now,
    onChange: (state) => {
      store.touch();
      states.tell(state);
    },
  });
  const ledger = createJobLedger({ keep: (jobId) => watches.has(jobId) });
  const watches = createWatches({
    present: (jobId) =>
      jobId === undefined ? [...ledger.jobIds()].flatMap(ledger.latest) : ledger.latest(jobId),
    hasEnded: ledger.hasEnded,
    onChange: () => {
      if (isClosed || isReconciling) return;
      isReconciling = true;
      queueMicrotask(() => {
        isReconciling = false;
        if (!isClosed) connection.reconcile();
      });
    },
  });
  const store = createProgressStore({ isWatched: watches.has, state: () => status.state });
  const connection = createConnection({
    ...options,
    url: typeof url === 'string' ? () => url : url,
    apiUrl: options.apiUrl,
    tokens: createTokenSource(options.token),
    WebSocket,
    fetch: options.fetch ?? globalThis.fetch,
    now,
    random,
    ledger,
    watches,
    status,
    onMessage: receive,
    onPolled: (progress) => {
      acceptProgress(progress);
      // No event of its end can come this way, so the state has to do.
      const isLast = isEnded(progress.status) && !connection.replays;
      if (isLast && watches.has(progress.job_id)) endWith(progress.job_id);
    },
  });

  function endWith(jobId: string): void {
    ledger.end(jobId);
    watches.end(jobId);
  }

  function take(event: JobEvent): void {
    if (event.type === 'parent_job_progress') store.accept(event.payload);
    const verdict = ledger.take(event, { replays: connection.replays });
    if (verdict === 'gap') connection.gap(event.payload.job_id);
    if (verdict === 'news') watches.tell(event);
    if ((verdict === 'news' && isTerminal(event)) || ledger.settles(event)) endWith(event.payload.job_id);
  }

  function acceptProgress(payload: ParentJobProgress): void {
    if (isClosed) return;
    store.accept(payload);
    const event: JobEvent = {
      type: 'parent_job_progress',
      payload,
      timestamp: new Date(now()).toISOString(),
    };
    if (ledger.take(event) === 'news') watches.tell(event);
  }

  function receive(message: ServerMessage): void {
    switch (message.type) {
      case 'parent_job_progress':
      case 'JOB_PROGRESS':
      case 'JOB_STARTED':
      case 'JOB_COMPLETED':
      case 'JOB_FAILED':
      case 'JOB_CANCELLED':
        take(message);
        break;
      case 'subscribed':
        if (ledger.enter(message.payload.epoch)) store.doubt();
        for (const job of message.payload.jobs) ledger.subscribed(job);
        connection.answered(message);
        break;
      case 'refused':
        connection.answered(message);
        if (!message.payload.retryable) {
          for (const jobId of message.payload.job_ids) watches.refuse(jobId, message.payload);
        }
        break;
      case 'welcome':
      case 'authenticated':
      case 'unsubscribed':
      case 'pong':
      case 'reconnect':
        break;
      default:
        assertNever(message);
    }
  }

  const resync = (): void => {
    if (!isClosed) connection.resync();
  };
  const stopWaking = onWake(resync);

  return {
    watch: watches.add,
    watchAll: watches.addAll,
    get state() {
      return status.state;
    },
    onState: states.join,
    subscribe: store.subscribe,
    getSnapshot: store.getSnapshot,
    subscribeJob: store.subscribeJob,
    getJob: store.getJob,
    accept: acceptProgress,
    resync,
    close() {
      isClosed = true;
      stopWaking();
      watches.stop();
      connection.close();
      store.stop();
    },
  };
}
