import { setTimeout as pause } from 'node:timers/promises';
import { BusError, type BusLog, type BusOutage, type BusState } from '@progeny/event-bus';
import { connect, DebugEvents, Events, type NatsConnection } from 'nats';
import { createBackoff } from './backoff.ts';
import { serverOptions } from './server-options.ts';

export interface NatsLinkOptions {
  url: string;
  name: string;
  log: BusLog;
  outage: BusOutage;
  /** Once, when there is a connection for the first time. */
  onFirst(connection: NatsConnection): void;
  /** Each time that the server has become reachable. */
  onUp(connection: NatsConnection): void;
}

/** A connection that is tried for ever, from the first time on, and mended when it breaks. */
export interface NatsLink {
  readonly state: BusState;
  /** Null until the first connection. Sends into nowhere unless the state is `connected`. */
  readonly connection: NatsConnection | null;
  /** Resolves at the first connection; rejects with BusError `unavailable` when closed before. */
  readonly connected: Promise<void>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** A server that has vanished without a word is noticed after two of these. */
const PING_INTERVAL_MS = 15_000;

export function openNatsLink({ url, name, log, outage, onFirst, onUp }: NatsLinkOptions): NatsLink {
  const backoff = createBackoff();
  const giveUp = new AbortController();
  let state: BusState = 'reconnecting';
  let connection: NatsConnection | null = null;
  const options = {
    ...serverOptions(url),
    name,
    timeout: CONNECT_TIMEOUT_MS,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: 2,
    maxReconnectAttempts: -1,
    // A rejected login may be mended on the server's side; giving up for good would need somebody to restart us.
    ignoreAuthErrorAbort: true,
    reconnectDelayHandler: () => backoff.delayMs,
    // Each request would pay for a stack trace.
    noAsyncTraces: true,
  };

  const dial = async (): Promise<void> => {
    while (state !== 'closed') {
      const dialled = await connect(options).catch((error: unknown) => void outage.failed(error));
      if (dialled) return took(dialled);
      await pause(backoff.delayMs, undefined, { signal: giveUp.signal }).catch(() => {});
      backoff.next();
    }
    throw new BusError('unavailable', 'closed before NATS could be reached');
  };
  const took = async (dialled: NatsConnection): Promise<void> => {
    if (state === 'closed') {
      await dialled.close();
      throw new BusError('unavailable', 'closed before NATS could be reached');
    }
    connection = dialled;
    state = 'connected';
    backoff.reset();
    outage.worked();
    void watch(dialled);
    onFirst(dialled);
    onUp(dialled);
  };
  const watch = async (watched: NatsConnection): Promise<void> => {
    for await (const { type, data } of watched.status()) {
      if (state === 'closed') return;
      if (type === DebugEvents.Reconnecting) {
        backoff.next();
        outage.failed(lost(data));
      }
      if (type === Events.Error) log.error({ error: data }, 'NATS refused something');
      if (type === Events.Disconnect) {
        state = 'reconnecting';
        outage.failed(lost(data));
      }
      if (type === Events.Reconnect) {
        state = 'connected';
        backoff.reset();
        outage.worked();
        onUp(watched);
      }
    }
  };

  const connected = dial();
  // Nobody has to wait for it.
  connected.catch(() => {});
  return {
    get state() {
      return state;
    },
    get connection() {
      return connection;
    },
    connected,
    async close() {
      state = 'closed';
      giveUp.abort();
      await connection?.close();
    },
  };
}

const lost = (server: unknown) => new Error(`the connection to ${String(server)} is lost`);
