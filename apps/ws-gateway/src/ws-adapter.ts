import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CloseCode, LIMITS } from '@progeny/contract';
import type { Log } from '@progeny/kit';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Hub } from './hub.ts';
import type { Peer } from './peer.ts';
import { parseClientMessage, type Session, sendControl } from './session.ts';

export interface WsAdapterParts {
  hub: Hub;
  session: Session;
  log: Log;
  heartbeatMs: number;
  pollMs: number;
}

export interface WsAdapter {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Tells every client to come back, and resolves when their sockets are gone. */
  stop(): Promise<void>;
}

/** Messages of one client that wait for the database; beyond that nothing more is read from its socket. */
const PENDING_MESSAGES_MAX = 16;
/** How long a client may take to answer the closing handshake before it is cut off; the types of `ws` lack it. */
const CLOSING = { closeTimeout: 3_000 };

/** The hub's peers on `ws`. One client's fault, slowness or silence ends that client alone. */
export function createWsAdapter({ hub, session, log, heartbeatMs, pollMs }: WsAdapterParts): WsAdapter {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.wsFrameMaxBytes,
    // With deflate a socket takes thirty times the memory and a tenth of the frames.
    perMessageDeflate: false,
    ...CLOSING,
  });
  const unanswered = new WeakSet<WebSocket>();
  const pending = new WeakMap<WebSocket, number>();

  const accept = (socket: WebSocket) => {
    const peer = createPeer(socket);
    socket.on('pong', () => unanswered.delete(socket));
    socket.on('message', (data, isBinary) => receive(socket, peer, data, isBinary));
    socket.on('error', (error) => log.info({ err: error, connection_id: peer.id }, 'a connection broke'));
    socket.on('close', (code) => {
      hub.leave(peer);
      log.debug({ connection_id: peer.id, code }, 'disconnected');
    });
    hub.join(peer);
    sendControl(peer, 'welcome', { connection_id: peer.id, heartbeat_ms: heartbeatMs, poll_ms: pollMs });
    log.debug({ connection_id: peer.id }, 'connected');
  };

  const receive = (socket: WebSocket, peer: Peer, data: RawData, isBinary: boolean) => {
    if (socket.readyState !== socket.OPEN) return;
    const message = isBinary ? null : parseClientMessage(data.toString());
    if (!message) {
      socket.close(CloseCode.BadMessage, 'not a message of this protocol');
      return;
    }
    countPending(socket, 1);
    session
      .handle(peer, message)
      .catch((error) => log.error({ err: error, connection_id: peer.id }, 'a message could not be handled'))
      .finally(() => countPending(socket, -1));
  };

  const countPending = (socket: WebSocket, by: 1 | -1) => {
    const count = (pending.get(socket) ?? 0) + by;
    pending.set(socket, count);
    if (count >= PENDING_MESSAGES_MAX) socket.pause();
    else if (socket.isPaused) socket.resume();
  };

  const heartbeat = setInterval(() => {
    for (const socket of server.clients) {
      if (unanswered.has(socket)) {
        // For a client that wakes up later; a dead one will not answer the closing handshake.
        socket.close(CloseCode.HeartbeatLost, 'no pong');
        socket.terminate();
      } else {
        unanswered.add(socket);
        socket.ping();
      }
    }
  }, heartbeatMs);

  return {
    upgrade: (request, socket, head) => server.handleUpgrade(request, socket, head, accept),
    async stop() {
      clearInterval(heartbeat);
      const gone = [...server.clients].map(
        (socket) => new Promise((resolve) => socket.once('close', resolve)),
      );
      for (const socket of server.clients) socket.close(CloseCode.ServiceRestart, 'the gateway restarts');
      await Promise.all(gone);
    },
  };
}

function createPeer(socket: WebSocket): Peer {
  return {
    id: randomUUID(),
    send({ text }) {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > LIMITS.wsBufferMaxBytes) {
        // The frame that says so waits behind the others, so the reader has the closing time to get there.
        socket.close(CloseCode.SlowConsumer, 'too slow');
        return;
      }
      socket.send(text);
    },
  };
}
