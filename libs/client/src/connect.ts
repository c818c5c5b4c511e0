import { childAfter, childOf } from './child-progress.ts';
import { createConnection } from './connection.ts';
import { type ConnectionState, createConnectionStatus } from './connection-state.ts';
import { NoWebSocketError } from './errors.ts';
import { createHttpRequest } from './http-request.ts';
import { type ChildProgress, isParentView, type JobView } from './http-wire.ts';
import { createJobApi } from './job-api.ts';
import { createJobLedger } from './job-ledger.ts';
import { createKeyedListeners, createListeners } from './listeners.ts';
import type { ConnectOptions, OnEvent, ProgenyClient, WatchAllOptions } from './progeny-client.ts';
import type { PolledState } from './progress-api.ts';
import { createProgressStore } from './progress-store.ts';
import { createTokenSource } from './token-source.ts';
import { onWake } from './wake.ts';
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

/** As a gateway tells it. */
const GONE = { code: 'job_not_found', message: 'there is no such job' };

/** Throws `NoWebSocketError` where there is none. The connection is made when something is watched. */
export function connect(options: ConnectOptions): ProgenyClient {
  const { url, now = Date.now, random = Math.random, fetch = globalThis.fetch, apiUrl } = options;
  const WebSocket = options.WebSocket ?? (globalThis.WebSocket as WebSocketClass | undefined);
  if (!WebSocket) throw new NoWebSocketError();
  const tokens = createTokenSource(options.token);
  let isClosed = false;
  let isReconciling = false;

  const states = createListeners<ConnectionState>();
  const subscribed = createKeyedListeners();
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
    isWithin: ledger.isWithin,
    onChange: reconcile,
  });
  const store = createProgressStore({ isWatched: watches.has, state: () => status.state });
  const connection = createConnection({
    ...options,
    url: typeof url === 'string' ? () => url : url,
    apiUrl,
    tokens,
    WebSocket,
    fetch,
    now,
    random,
    ledger,
    watches,
    status,
    onMessage: receive,
    onPolled: (state) => {
      takeState(state);
      const { job_id, status: polled } = state.progress;
      // No event of its end can come this way, so the state has to do.
      if (isEnded(polled) && !connection.replays && watches.has(job_id)) endWith(job_id);
    },
    onNone(jobId) {
      if (!isClosed) refuse(jobId, GONE);
    },
  });
  const api = createJobApi(createHttpRequest({ apiUrl, fetch, tokens }));

  /** Once for all that changes in a moment. */
  function reconcile(): void {
    if (isClosed || isReconciling) return;
    isReconciling = true;
    queueMicrotask(() => {
      isReconciling = false;
      if (!isClosed) connection.reconcile();
    });
  }

  function endWith(jobId: string): void {
    ledger.end(jobId);
    watches.end(jobId);
  }

  function take(event: JobEvent): void {
    const { job_id } = event.payload;
    if (event.type === 'parent_job_progress') store.accept(event.payload);
    const verdict = ledger.take(event, { replays: connection.replays });
    showChild(event, verdict === 'news');
    if (verdict === 'gap') connection.gap(job_id);
    if (verdict === 'news') watches.tell(event);
    if ((verdict === 'news' && isTerminal(event)) || ledger.settles(event)) endWith(job_id);
  }

  function showChild(event: JobEvent, isNews: boolean): void {
    const child = childAfter(store.getChild(event.payload.job_id), event);
    if (!child) return;
    if (event.type === 'JOB_PROGRESS') store.acceptChild(child);
    else if (isNews) store.putChild(child);
  }

  function takeState(state: PolledState): void {
    if (isClosed) return;
    const { progress } = state;
    const timestamp = new Date(now()).toISOString();
    let event: JobEvent;
    if (state.kind === 'parent') {
      store.accept(state.progress);
      event = { type: 'parent_job_progress', payload: state.progress, timestamp };
    } else {
      store.acceptChild(state.progress);
      event = { type: 'JOB_PROGRESS', payload: { ...state.family, ...toldOf(state.progress) }, timestamp };
    }
    const isNew = !ledger.knows(progress.job_id);
    if (ledger.take(event, { reopens: !isEnded(progress.status) }) === 'news') watches.tell(event);
    // What is to be listened to depends on whether it is a child.
    if (isNew && watches.has(progress.job_id)) reconcile();
  }

  function accept(progress: ParentJobProgress | ChildProgress): void {
    if ('progress_text' in progress) takeState({ kind: 'parent', progress });
    else if (!isClosed) store.acceptChild(progress);
  }

  function acceptView(view: JobView): JobView {
    accept(isParentView(view) ? view.progress : childOf(view));
    return view;
  }

  function refuse(jobId: string, refusal: { code: string; message: string }): void {
    if (refusal.code === 'job_not_found') {
      ledger.forget(jobId);
      store.forget(jobId);
    }
    watches.refuse(jobId, refusal);
  }

  function receive(message: ServerMessage): void {
    switch (message.type) {
      case 'parent_job_progress':
      case 'JOB_PROGRESS':
      case 'JOB_STARTED':
      case 'JOB_COMPLETED':
      case 'JOB_FAILED':
      case 'JOB_CANCELLED':
      case 'pipeline_event':
        take(message);
        break;
      case 'subscribed':
        if (ledger.enter(message.payload.epoch)) store.doubt();
        for (const job of message.payload.jobs) ledger.subscribed(job);
        connection.answered(message);
        for (const { job_id } of message.payload.jobs) subscribed.tell(job_id);
        break;
      case 'refused':
        connection.answered(message);
        if (!message.payload.retryable) {
          for (const jobId of message.payload.job_ids) refuse(jobId, message.payload);
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
    watchAll: (first?: OnEvent | WatchAllOptions, second?: WatchAllOptions) =>
      typeof first === 'object' ? watches.addAll(undefined, first) : watches.addAll(first, second),
    onSubscribed: subscribed.join,
    get state() {
      return status.state;
    },
    onState: states.join,
    subscribe: store.subscribe,
    getSnapshot: store.getSnapshot,
    subscribeJob: store.subscribeJob,
    getJob: store.getJob,
    getChild: store.getChild,
    accept,
    job: async (jobId, asked) => acceptView(await api.job(jobId, asked)),
    steps: api.steps,
    log: api.log,
    async command(jobId, command, asked) {
      const view = await api.command(jobId, command, asked);
      if (view) return acceptView(view);
      refuse(jobId, GONE);
      return null;
    },
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

/** What a live event says of the state of a child. */
const toldOf = ({ job_id, version, progress_percentage, progress_stage, progress_label }: ChildProgress) => ({
  job_id,
  version,
  progress: progress_percentage,
  stage: progress_stage,
  label: progress_label,
});
