import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CloseCode, LIMITS, SUBPROTOCOL } from '@progeny/contract';
import { WebSocketServer } from 'ws';
import { RefusedError } from './door.ts';
import { createHeartbeat } from './heartbeat.ts';
import { refuseUpgrade } from './refusal.ts';
import type { Serving } from './serving.ts';
import { WsConnection } from './ws-connection.ts';

export interface WsAdapterParts extends Serving {
  /** A ping without an answer for this long ends the connection. */
  pongTimeoutMs: number;
  onClosed: (code: number) => void;
}

export interface WsAdapter {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  readonly size: number;
  /** Tells every client to come back, each at its own moment of the drain time; resolves when all sockets are gone. */
  drain(drainMs: number): Promise<void>;
}

/** What `ws` lets through; the types lack some. Nobody has a reason to send one message in many pieces. */
const WS_LIMITS = {
  maxPayload: LIMITS.wsFrameMaxBytes,
  maxFragments: 64,
  maxBufferedChunks: 1_024,
  /** How long a client may take to answer the closing handshake before it is cut off. */
  closeTimeout: 3_000,
};
/** Frames of the protocol itself that are wrong come in as errors of the socket; `ws` closes with the right code. */
const PROTOCOL_FAULT = /^WS_ERR_/;

/** The hub's readers on `ws`. */
export function createWsAdapter(parts: WsAdapterParts): WsAdapter {
  const { door, log } = parts;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // With deflate a socket takes thirty times the memory and a tenth of the frames.
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    ...WS_LIMITS,
  });
  const connections = new Set<WsConnection>();
  /** Connections so far. */
  let taken = 0;
  let onEmpty: (() => void) | null = null;

  const stopHeartbeat = createHeartbeat(connections, {
    everyMs: Math.min(parts.heartbeatMs, parts.pongTimeoutMs),
    look(connection) {
      const { reader } = connection;
      if (!reader) return;
      if (reader.unansweredForMs >= parts.pongTimeoutMs) {
        connection.cutOff(CloseCode.HeartbeatLost, 'no pong');
      } else reader.askAfter(parts.heartbeatMs);
    },
  });

  return {
    async upgrade(request, wire, head) {
      // Until `ws` has taken the socket over, whatever breaks it is ours.
      const onBroken = () => wire.destroy();
      wire.on('error', onBroken);
      try {
        const visitor = await door.identify(request);
        // That took a while, in which others came in, or the gateway began to stop.
        const refusal = parts.closedTo();
        if (refusal) throw new RefusedError(refusal);
        const release = visitor ? door.enter(visitor) : () => undefined;
        if (!release) throw new RefusedError('too_many_connections');
        if (wire.destroyed) return release();
        wire.once('close', release);
        server.handleUpgrade(request, wire, head, (socket) => {
          wire.removeListener('error', onBroken);
          const id = randomUUID();
          socket.on('error', (error: Error & { code?: string }) => {
            if (!PROTOCOL_FAULT.test(error.code ?? ''))
              log.info({ err: error, connection_id: id }, 'a connection broke');
          });
          const spent = taken++ % LIMITS.unansweredFlushes;
          const connection = new WsConnection({ id, socket, wire, spent }, visitor, parts);
          connections.add(connection);
          log.debug({ connection_id: id }, 'connected');
          socket.on('close', (code) => {
            connections.delete(connection);
            parts.onClosed(code);
            log.debug({ connection_id: id, code }, 'disconnected');
            if (connections.size === 0) onEmpty?.();
          });
        });
      } catch (error) {
        if (!(error instanceof RefusedError)) log.error({ err: error }, 'an upgrade failed');
        const code = error instanceof RefusedError ? error.code : 'internal';
        parts.onRefused(code);
        refuseUpgrade(wire, code);
      }
    },
    get size() {
      return connections.size;
    },
    async drain(drainMs) {
      stopHeartbeat();
      if (connections.size === 0) return;
      const empty = new Promise<void>((resolve) => {
        onEmpty = resolve;
      });
      for (const connection of connections) connection.leaveAfter(Math.floor(Math.random() * drainMs));
      await empty;
    },
  };
}
