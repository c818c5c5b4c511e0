import { setTimeout as delay } from 'node:timers/promises';
import type { ClientMessage, ServerMessage } from '@progeny/contract';
import { readServerFrame, writeClientFrame } from '@progeny/contract/testing';
import { WebSocket } from 'ws';
import { type CatchUp, createCatchUp } from './catch-up.ts';
import {
  createSighting,
  owesToWatcher,
  RECONNECT_AFTER_MS,
  type Viewer,
  type ViewerParts,
} from './viewer.ts';

interface SocketViewerOptions {
  name: string;
  gatewayUrl: string;
  parts: ViewerParts;
}

interface Socket {
  send(message: ClientMessage): void;
  /** The gateway has said welcome. */
  readonly isOpen: boolean;
  close(): void;
}

/** A socket that is opened again whenever it is gone. */
function keepOpen(url: string, on: { open(): void; message(message: ServerMessage): void }): Socket {
  let socket: WebSocket;
  let welcomed = false;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  const open = () => {
    socket = new WebSocket(url, { handshakeTimeout: 2_000, perMessageDeflate: false });
    socket.on('message', (data) => {
      const message = readServerFrame(String(data));
      if (message.type === 'welcome') {
        welcomed = true;
        on.open();
      } else on.message(message);
    });
    socket.on('error', () => {}); // its close follows
    socket.on('close', () => {
      welcomed = false;
      if (!closed) timer = setTimeout(open, RECONNECT_AFTER_MS);
    });
  };
  open();
  return {
    send: (message) => socket.send(writeClientFrame(message)),
    get isOpen() {
      return welcomed && socket.readyState === WebSocket.OPEN;
    },
    close() {
      closed = true;
      clearTimeout(timer);
      socket.terminate();
    },
  };
}

/** Watches everything. What it missed while it was away it reads beside the frames, as a list of jobs does. */
export function watchEverything({ name, gatewayUrl, parts }: SocketViewerOptions): Viewer {
  const sighting = createSighting(name, 'watcher', parts, (progress) => catchUp.saw(progress));
  const catchUp: CatchUp = createCatchUp(parts.readProgress, sighting.read);
  const socket = keepOpen(gatewayUrl, {
    open() {
      sighting.connected();
      catchUp.start();
    },
    message: (message) => sighting.event(message),
  });
  return {
    name,
    owes: owesToWatcher(sighting),
    parentCreated: (jobId) => catchUp.know(jobId),
    close() {
      catchUp.stop();
      socket.close();
    },
  };
}

const SUBSCRIBED_MAX = 60;
const SUBSCRIBE_AGAIN_MS = 300;

/** Subscribes to single jobs, every other one, the newest; again after each reconnect. */
export function subscribeToJobs({ name, gatewayUrl, parts }: SocketViewerOptions): Viewer {
  const sighting = createSighting(name, 'subscriber', parts);
  const wanted = new Set<string>();
  /** Until its first subscription stands a connection gets everything, which is not what is looked at here. */
  let isNarrowed = false;
  let created = 0;
  const subscribe = (jobIds: readonly string[]) => {
    if (jobIds.length > 0 && socket.isOpen)
      socket.send({ type: 'subscribe', payload: { job_ids: [...jobIds] } });
  };
  const socket = keepOpen(gatewayUrl, {
    open() {
      isNarrowed = false;
      sighting.connected();
      subscribe([...wanted]);
    },
    message(message) {
      if (message.type === 'subscribed') isNarrowed = true;
      if (message.type !== 'refused') return isNarrowed ? sighting.event(message) : undefined;
      // The database is away, or the job stands in a transaction that is not committed.
      const again = message.payload.job_ids.filter((jobId) => wanted.has(jobId));
      void delay(SUBSCRIBE_AGAIN_MS).then(() => subscribe(again));
    },
  });
  return {
    name,
    owes: ({ jobId }) => wanted.has(jobId),
    parentCreated(jobId) {
      created += 1;
      if (created % 2 === 0) return;
      wanted.add(jobId);
      const [oldest] = wanted;
      if (wanted.size > SUBSCRIBED_MAX && oldest !== undefined) {
        wanted.delete(oldest);
        if (socket.isOpen) socket.send({ type: 'unsubscribe', payload: { job_ids: [oldest] } });
      }
      subscribe([jobId]);
    },
    close: () => socket.close(),
  };
}
