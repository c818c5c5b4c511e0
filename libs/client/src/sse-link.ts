import { fullJitterMs } from './backoff.ts';
import { parseServerFrame } from './server-frame.ts';
import { createSseParser } from './sse-parser.ts';
import { createTokenRefresh } from './token-refresh.ts';
import { bearer, type TokenSource } from './token-source.ts';
import type { WatchTarget } from './watches.ts';
import type { ServerMessage } from './wire.ts';

/** No welcome for this long after dialling: the stream does not get through. */
const WELCOME_TIMEOUT_MS = 10_000;
/** The gateway writes at each heartbeat; a stream that misses the second is dead. */
const HEARTBEATS_MISSED = 2;
/** Refused for good: the same request would get the same answer. */
const isRefusal = (status: number): boolean => [400, 403, 404, 405].includes(status);

export interface SseLinkOptions {
  url: () => string | Promise<string>;
  tokens: TokenSource;
  fetch: typeof globalThis.fetch;
  random: () => number;
  /** `Last-Event-ID` of these jobs, when their events can be continued. */
  cursorOf: (target: WatchTarget) => string | undefined;
  onUp: () => void;
  /** It was up, or could not be opened. */
  onDown: () => void;
  onMessage: (message: ServerMessage) => void;
}

export interface SseLink {
  readonly isUp: boolean;
  /** Opens the stream of these jobs, and opens it again whenever it ends. */
  start(target: WatchTarget): void;
  /** Goes on until then. */
  reopenAfter(delayMs: number): void;
  stop(): void;
}

/** `ws://host/ws` to `http://host/sse`, in the same folder. */
export function sseAddress(gatewayUrl: string, target: WatchTarget): string {
  const url = new URL(gatewayUrl.replace(/^ws/, 'http'));
  url.pathname = url.pathname.replace(/[^/]*$/, 'sse');
  if (target === 'parents') url.searchParams.set('only', 'parents');
  if (typeof target !== 'string') for (const jobId of target) url.searchParams.append('job_id', jobId);
  return url.href;
}

/** The gateway's events over plain HTTP, for who cannot use a WebSocket. Read with `fetch`, so that it runs anywhere. */
export function createSseLink(options: SseLinkOptions): SseLink {
  let target: WatchTarget | undefined;
  let isUp = false;
  let attempt = 0;
  let silentMs = WELCOME_TIMEOUT_MS;
  let request: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let leaving: ReturnType<typeof setTimeout> | undefined;
  // A stream cannot take a fresh token, so it is opened again with one.
  const refresh = createTokenRefresh(async () => open());

  const after = (delayMs: number, task: () => void): void => {
    clearTimeout(timer);
    timer = setTimeout(task, delayMs);
  };
  const giveUp = (): void => {
    clearTimeout(timer);
    clearTimeout(leaving);
    refresh.stop();
    isUp = false;
    request?.abort();
    request = undefined;
  };
  const fail = (refused: boolean): void => {
    giveUp();
    if (!refused) after(fullJitterMs(attempt, options.random), open);
    attempt += 1;
    options.onDown();
  };

  const reopenAfter = (delayMs: number): void => {
    clearTimeout(leaving);
    leaving = setTimeout(open, delayMs);
  };

  const receive = (data: string): void => {
    const message = parseServerFrame(data);
    if (!message) return;
    if (message.type === 'welcome') {
      isUp = true;
      attempt = 0;
      silentMs = message.payload.heartbeat_ms * HEARTBEATS_MISSED;
      if (options.tokens.isAsked) refresh.expires(message.payload.expires_at, message.timestamp);
      options.onUp();
    } else if (message.type === 'reconnect') {
      reopenAfter(message.payload.after_ms);
    } else {
      options.onMessage(message);
    }
  };
  const read = async (wanted: WatchTarget, own: AbortController): Promise<void> => {
    const [url, token] = await Promise.all([Promise.resolve().then(options.url), options.tokens.ask()]);
    if (own.signal.aborted) return;
    const cursor = options.cursorOf(wanted);
    // Taken out of its object: a browser's own fetch refuses to be called as a method of anything else.
    const { fetch } = options;
    const response = await fetch(sseAddress(url, wanted), {
      headers: {
        accept: 'text/event-stream',
        ...bearer(token),
        ...(cursor === undefined ? {} : { 'last-event-id': cursor }),
      },
      cache: 'no-store',
      signal: own.signal,
    });
    if (!response.ok || !response.body) {
      if (!own.signal.aborted) fail(isRefusal(response.status));
      return;
    }
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    const feed = createSseParser((data) => {
      if (!own.signal.aborted) receive(data);
    });
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      if (own.signal.aborted) return;
      feed(decoder.decode(piece.value, { stream: true }));
      if (isUp) watchSilence();
    }
    if (!own.signal.aborted) fail(false);
  };
  const watchSilence = (): void => after(silentMs, () => fail(false));

  const open = (): void => {
    giveUp();
    if (target === undefined) return;
    const own = new AbortController();
    request = own;
    after(WELCOME_TIMEOUT_MS, () => fail(false));
    read(target, own).catch(() => {
      if (!own.signal.aborted) fail(false);
    });
  };

  return {
    get isUp() {
      return isUp;
    },
    start(wanted) {
      target = wanted;
      open();
    },
    reopenAfter,
    stop() {
      target = undefined;
      attempt = 0;
      giveUp();
    },
  };
}
