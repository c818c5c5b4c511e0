import { fullJitterMs } from './backoff.ts';
import { parseServerFrame } from './server-frame.ts';
import { createTokenRefresh } from './token-refresh.ts';
import type { TokenSource } from './token-source.ts';
import type { WebSocketClass, WebSocketLike } from './web-socket-like.ts';
import { type ClientMessage, mayReconnect, type ServerMessage, SUBPROTOCOL } from './wire.ts';

/** No welcome for this long after dialling: dial again. */
const WELCOME_TIMEOUT_MS = 10_000;
/** No answer to a ping for this long: the line is dead, whatever the socket says. */
const PONG_TIMEOUT_MS = 5_000;
/** A connection that held this long starts the backoff afresh; one that dies at once does not. */
const STABLE_AFTER_MS = 5_000;

export interface SocketLinkOptions {
  /** Asked before each dial, since the address may have changed while the system was away. */
  url: () => string | Promise<string>;
  tokens: TokenSource;
  WebSocket: WebSocketClass;
  now: () => number;
  random: () => number;
  onUp: () => void;
  /** With the close code, when it forbids to come back by itself. */
  onDown: (refusal?: number) => void;
  onMessage: (message: ServerMessage) => void;
}

export interface SocketLink {
  readonly isUp: boolean;
  /** Dials if it is closed; whether it was. */
  start(): boolean;
  /** Makes sure now: asks a standing connection for a sign of life, and otherwise dials without further waiting. */
  probe(): void;
  /** Dials anew without having been down: what is shown stays as it is unless the new connection fails. */
  renew(): void;
  send(message: ClientMessage): void;
  /** Closes and stays closed until the next `start`. */
  disconnect(): void;
}

/**
 * One WebSocket that comes back by itself. Modes: closed (nothing happens), dialling (until the welcome), up (a silent
 * line is pinged, the token renewed), waiting (full-jitter backoff, then dialling; after a 44xx only a `probe` dials).
 * A socket that was given up is never heard again, so a late frame or close of it changes nothing.
 */
export function createSocketLink(options: SocketLinkOptions): SocketLink {
  const { tokens } = options;
  let mode: 'closed' | 'dialling' | 'up' | 'waiting' = 'closed';
  let socket: WebSocketLike | undefined;
  let dial = 0;
  let attempt = 0;
  let upSince = 0;
  let heartbeatMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let leaving: ReturnType<typeof setTimeout> | undefined;

  const say = (message: ClientMessage): void => socket?.send(JSON.stringify(message));
  const after = (delayMs: number, task: () => void): void => {
    clearTimeout(timer);
    timer = setTimeout(task, delayMs);
  };
  const refresh = createTokenRefresh(async () => {
    const mine = dial;
    const token = await tokens.ask();
    if (mine === dial && mode === 'up' && token !== undefined) say({ type: 'auth', payload: { token } });
  });

  const giveUp = (): void => {
    dial += 1;
    clearTimeout(timer);
    clearTimeout(leaving);
    refresh.stop();
    const given = socket;
    socket = undefined;
    given?.close();
  };

  const fail = (code?: number): void => {
    if (mode === 'up' && options.now() - upSince >= STABLE_AFTER_MS) attempt = 0;
    giveUp();
    mode = 'waiting';
    const refusal = code === undefined || mayReconnect(code) ? undefined : code;
    if (refusal === undefined) after(fullJitterMs(attempt, options.random), open);
    attempt += 1;
    options.onDown(refusal);
  };

  const ping = (): void => {
    say({ type: 'ping' });
    after(PONG_TIMEOUT_MS, () => fail());
  };
  const listen = (): void => after(heartbeatMs, ping);
  const identified = (expiresAt: string | null, sentAt: string): void => {
    if (tokens.isAsked) refresh.expires(expiresAt, sentAt);
  };

  const receive = (data: unknown): void => {
    if (mode === 'up') listen();
    const message = parseServerFrame(data);
    if (!message) return;
    if (message.type === 'welcome') {
      if (mode !== 'dialling') return;
      mode = 'up';
      upSince = options.now();
      heartbeatMs = message.payload.heartbeat_ms;
      listen();
      identified(message.payload.expires_at, message.timestamp);
      options.onUp();
    } else if (message.type === 'authenticated') {
      identified(message.payload.expires_at, message.timestamp);
    } else if (message.type === 'reconnect') {
      clearTimeout(leaving);
      leaving = setTimeout(open, message.payload.after_ms);
    } else {
      options.onMessage(message);
    }
  };

  const connectTo = (url: string, token: string | undefined): void => {
    const mine = dial;
    const own = new options.WebSocket(url, SUBPROTOCOL);
    socket = own;
    const heard = (task: () => void) => (): void => {
      if (mine === dial) task();
    };
    own.addEventListener(
      'open',
      heard(() => {
        if (token !== undefined) say({ type: 'auth', payload: { token } });
      }),
    );
    own.addEventListener('message', ({ data }) => heard(() => receive(data))());
    own.addEventListener('close', ({ code }) => heard(() => fail(code))());
    // The close that follows says it all; without a listener `ws` would throw.
    own.addEventListener('error', () => undefined);
  };

  const open = (): void => {
    giveUp();
    mode = 'dialling';
    after(WELCOME_TIMEOUT_MS, () => fail());
    const mine = dial;
    Promise.all([Promise.resolve().then(options.url), tokens.ask()])
      .then(([url, token]) => {
        if (mine === dial) connectTo(url, token);
      })
      .catch(() => {
        if (mine === dial) fail();
      });
  };

  return {
    get isUp() {
      return mode === 'up';
    },
    start: () => {
      const wasClosed = mode === 'closed';
      if (wasClosed) open();
      return wasClosed;
    },
    probe: () => {
      if (mode === 'up') ping();
      else if (mode !== 'dialling') open();
    },
    renew: open,
    send: (message) => {
      if (mode === 'up') say(message);
    },
    disconnect: () => {
      mode = 'closed';
      attempt = 0;
      giveUp();
    },
  };
}
