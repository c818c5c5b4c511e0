import type { ClientMessage, ServerMessage } from '@progeny/contract';
import { fullJitterMs } from './backoff.ts';
import { parseServerFrame } from './server-frame.ts';

/** What is used of a WebSocket; the browser's own fits, and so does that of `ws`. */
export type GatewayWebSocket = Pick<WebSocket, 'send' | 'close' | 'onmessage' | 'onclose' | 'onerror'>;

/** No welcome for this long after dialling: dial again. */
const WELCOME_TIMEOUT_MS = 10_000;
/** No answer to a ping for this long: the line is dead, whatever the socket says. */
const PONG_TIMEOUT_MS = 5_000;
/** A connection that held this long starts the backoff afresh; one that dies at once does not. */
const STABLE_AFTER_MS = 5_000;
/** Close codes that mean: don't come back with the same behaviour. */
const isRefusal = (code: number): boolean => code >= 4400 && code <= 4499;

export interface GatewaySocketOptions {
  /** Asked before each dial, since the address may have changed while the system was away. */
  url: () => string | Promise<string>;
  WebSocket: new (url: string) => GatewayWebSocket;
  now: () => number;
  random: () => number;
  onUp: () => void;
  onDown: () => void;
  onMessage: (message: ServerMessage) => void;
}

export interface GatewaySocket {
  readonly isUp: boolean;
  /** Dials if it is closed. */
  start(): void;
  /** Makes sure now: asks a standing connection for a sign of life, and otherwise dials without further waiting. */
  probe(): void;
  /** Dials anew without having been down: what is shown stays as it is unless the new connection fails. */
  renew(): void;
  /** False when there is nothing to send on. */
  send(message: ClientMessage): boolean;
  /** Closes and stays closed until the next `start`. */
  disconnect(): void;
}

/**
 * One connection that comes back by itself. Modes: closed (nothing happens), dialling (until the welcome), up (a
 * silent line is pinged), waiting (full-jitter backoff, then dialling). A socket that was given up is never heard
 * again, so a late frame or close of it changes nothing.
 */
export function createGatewaySocket(options: GatewaySocketOptions): GatewaySocket {
  let mode: 'closed' | 'dialling' | 'up' | 'waiting' = 'closed';
  let socket: GatewayWebSocket | undefined;
  let dial = 0;
  let attempt = 0;
  let upSince = 0;
  let heartbeatMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const after = (delayMs: number, task: () => void): void => {
    clearTimeout(timer);
    timer = setTimeout(task, delayMs);
  };

  const giveUp = (): void => {
    dial += 1;
    clearTimeout(timer);
    if (!socket) return;
    const given = socket;
    socket = undefined;
    given.onmessage = null;
    given.onclose = null;
    given.close();
  };

  const fail = (refused = false): void => {
    if (mode === 'up' && options.now() - upSince >= STABLE_AFTER_MS) attempt = 0;
    giveUp();
    mode = 'waiting';
    if (!refused) after(fullJitterMs(attempt, options.random), open);
    attempt += 1;
    options.onDown();
  };

  const ping = (): void => {
    socket?.send(JSON.stringify({ type: 'ping' } satisfies ClientMessage));
    after(PONG_TIMEOUT_MS, fail);
  };
  const listen = (): void => after(heartbeatMs, ping);

  const receive = (data: unknown): void => {
    if (mode === 'up') listen();
    const message = parseServerFrame(data);
    if (message?.type === 'welcome' && mode === 'dialling') {
      mode = 'up';
      upSince = options.now();
      heartbeatMs = message.payload.heartbeat_ms;
      listen();
      options.onUp();
    } else if (message) {
      options.onMessage(message);
    }
  };

  const open = (): void => {
    giveUp();
    mode = 'dialling';
    after(WELCOME_TIMEOUT_MS, fail);
    const mine = dial;
    const connectTo = (url: string): void => {
      if (mine !== dial) return;
      socket = new options.WebSocket(url);
      socket.onmessage = (event) => receive(event.data);
      socket.onclose = (event) => fail(isRefusal(event.code));
      // The close that follows says it all; without a handler `ws` would throw.
      socket.onerror = () => undefined;
    };
    Promise.resolve()
      .then(options.url)
      .then(connectTo)
      .catch(() => {
        if (mine === dial) fail();
      });
  };

  return {
    get isUp() {
      return mode === 'up';
    },
    start: () => {
      if (mode === 'closed') open();
    },
    probe: () => {
      if (mode === 'up') ping();
      else if (mode !== 'dialling') open();
    },
    renew: open,
    send: (message) => {
      if (mode !== 'up' || !socket) return false;
      socket.send(JSON.stringify(message));
      return true;
    },
    disconnect: () => {
      mode = 'closed';
      attempt = 0;
      giveUp();
    },
  };
}
