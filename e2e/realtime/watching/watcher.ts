import {
  type ClientMessage,
  type JobEvent,
  mayReconnect,
  type ServerMessage,
  SUBPROTOCOL,
} from '@progeny/contract';
import { FrameError, readServerFrame, writeClientFrame } from '@progeny/contract/testing';
import { WebSocket } from 'ws';
import type { Random } from '../../faults/random.ts';
import { createLookers } from '../../lookers.ts';
import { createRecord, type Record } from './record.ts';

export interface WatcherOptions {
  name: string;
  /** Of gateways, `ws://host:port/ws`; each connection goes to any of them. */
  urls(): readonly string[];
  jobIds: readonly string[];
  random: Random;
  /** Progress as it comes, before anything else is done with it. */
  onProgress?(jobId: string, version: number): void;
}

/** One who watches jobs over a bare socket by docs/PROTOCOL.md, and comes back for ever with its cursor. */
export interface Watcher {
  readonly record: Record;
  /** Everything is subscribed on the connection that it has. */
  readonly isSubscribed: boolean;
  readonly connections: number;
  /** Close codes, in their order. */
  readonly closes: readonly number[];
  /** Each `reconnect` that it was told. */
  readonly reconnects: readonly number[];
  /** Refusals that said: try again. */
  readonly refusals: number;
  readonly frames: number;
  /** Resolves when it is so; looked at whenever something has come. */
  when(isSo: () => boolean): Promise<void>;
  /** Its line is gone, and it comes back after that time. */
  cut(awayMs: number): void;
  /** Reads nothing more, and answers no ping, till `resume`. */
  pause(): void;
  resume(): void;
  close(): void;
}

const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 10_000;
const HANDSHAKE_MS = 10_000;
/** `ws` hangs up on whoever sends more than 60 pings in one go, as a gateway without credit does; its types lack this. */
const ENDLESS_PONGS = { maxPendingAutoPongs: 0 };

export function createWatcher({ name, urls, jobIds, random, onProgress }: WatcherOptions): Watcher {
  const record = createRecord(name);
  const closes: number[] = [];
  const reconnects: number[] = [];
  const { look, when } = createLookers();
  const missing = new Set<string>();
  /** Null while its line is cut. */
  let socket: WebSocket | null = null;
  let timer: NodeJS.Timeout | undefined;
  let attempt = 0;
  let connections = 0;
  let refusals = 0;
  let frames = 0;
  let isClosed = false;

  const open = () => {
    const mine = new WebSocket(random.pick(urls()), SUBPROTOCOL, {
      handshakeTimeout: HANDSHAKE_MS,
      perMessageDeflate: false,
      ...ENDLESS_PONGS,
    });
    socket = mine;
    for (const jobId of jobIds) missing.add(jobId);
    mine.on('message', (data) => {
      // What was still on its way when the line was cut has not arrived.
      if (mine === socket && mine.readyState === WebSocket.OPEN) take(String(data));
    });
    mine.on('error', () => {}); // its close follows
    mine.on('close', (code) => {
      if (mine !== socket) return;
      closes.push(code);
      for (const jobId of jobIds) missing.add(jobId);
      if (!mayReconnect(code)) record.complain(`closed with ${code}`);
      comeBack(random.int(0, Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** attempt)));
      attempt += 1;
      look();
    });
  };
  const comeBack = (afterMs: number) => {
    clearTimeout(timer);
    if (!isClosed) timer = setTimeout(open, afterMs);
  };
  const say = (message: ClientMessage) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(writeClientFrame(message));
  };
  const subscribe = (wanted: readonly string[]) =>
    say({ type: 'subscribe', payload: { job_ids: [...wanted], ...record.cursor() } });

  const take = (text: string) => {
    frames += 1;
    try {
      const message = readServerFrame(text);
      if (message.type === 'parent_job_progress')
        onProgress?.(message.payload.job_id, message.payload.version);
      act(message);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      record.complain(error.message);
    }
    look();
  };
  const act = (message: ServerMessage) => {
    switch (message.type) {
      case 'welcome':
        attempt = 0;
        connections += 1;
        record.connected();
        return subscribe(jobIds);
      case 'subscribed':
        for (const { job_id: jobId } of message.payload.jobs) missing.delete(jobId);
        return record.subscribed(message.payload);
      case 'refused': {
        const { retryable, code, job_ids } = message.payload;
        if (!retryable) return record.complain(`refused: ${code}`);
        refusals += 1;
        clearTimeout(timer);
        timer = setTimeout(() => subscribe(job_ids), random.int(0, BACKOFF_BASE_MS));
        return;
      }
      case 'reconnect':
        reconnects.push(message.payload.after_ms);
        return;
      case 'authenticated':
      case 'unsubscribed':
      case 'pong':
        return;
      default: {
        // Before its first `subscribed` a connection gets everything, which is not what is looked at here.
        const event: JobEvent = message;
        const { job_id: jobId } = event.payload;
        if (missing.size === jobIds.length || missing.has(jobId)) return;
        if (jobIds.includes(jobId)) record.event(event);
        else record.complain(`${event.type} of ${jobId}, which it does not watch`);
      }
    }
  };
  open();

  return {
    record,
    get isSubscribed() {
      return missing.size === 0;
    },
    get connections() {
      return connections;
    },
    closes,
    reconnects,
    get refusals() {
      return refusals;
    },
    get frames() {
      return frames;
    },
    when,
    cut(awayMs) {
      const gone = socket;
      socket = null;
      for (const jobId of jobIds) missing.add(jobId);
      gone?.terminate();
      comeBack(awayMs);
    },
    pause: () => socket?.pause(),
    resume: () => socket?.resume(),
    close() {
      isClosed = true;
      clearTimeout(timer);
      socket?.terminate();
    },
  };
}
