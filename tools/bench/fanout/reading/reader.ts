import { connect, type Socket } from 'node:net';
import type { ServerMessage } from '@progeny/contract';
import { clientFrame, Opcode, upgradeRequest } from './client-bytes.ts';
import { createFrameCutter } from './server-frames.ts';
import { readStamp } from './update-stamp.ts';

export interface ReaderOptions {
  host: string;
  port: number;
  /** One of this machine's own addresses; null for whichever the system takes. */
  localAddress: string | null;
  jobIds: readonly string[];
  /** Each frame of progress, by its version. */
  onProgress(stamp: number): void;
  /** A ping came; the pong is to be sent when everything that waits has been read. */
  onPing(answer: () => void): void;
  /** The server, or the network, ended it: a fault. */
  onLost(how: string): void;
}

/** One WebSocket connection, with as little work for each frame as can be. */
export interface Reader {
  /** Resolves when the server watches the first jobs for it. */
  readonly subscribed: Promise<void>;
  /** Takes on more jobs; resolves when the server has. */
  subscribe(jobIds: readonly string[]): Promise<void>;
  pause(): void;
  resume(): void;
  /** Resolves when its port is free again. */
  close(): Promise<void>;
}

/** All sockets of the process read into it, one after another. */
const LENT = Buffer.allocUnsafeSlow(256 * 1024);
const HEAD_END = '\r\n\r\n';

export function openReader(options: ReaderOptions): Reader {
  const { host, port, localAddress, jobIds, onProgress, onPing, onLost } = options;
  let isOver = false;
  let closedWith = '';
  let head: Buffer | null = Buffer.alloc(0);
  let settle: { resolve(): void; reject(error: Error): void };
  const nextAnswer = () => {
    const answer = new Promise<void>((resolve, reject) => {
      settle = { resolve, reject };
    });
    answer.catch(() => {}); // told to whoever waits, and as lost
    return answer;
  };
  const subscribed = nextAnswer();

  const lose = (how: string) => {
    if (isOver) return;
    isOver = true;
    socket.destroy();
    settle.reject(new Error(how));
    onLost(how);
  };
  const cut = createFrameCutter((opcode, bytes, start, end) => {
    if (opcode === Opcode.text) {
      const stamp = readStamp(bytes, start, end);
      if (stamp !== null) onProgress(stamp);
      else takeControl(bytes.toString('utf8', start, end));
    } else if (opcode === Opcode.ping) {
      const pong = clientFrame(Opcode.pong, bytes.subarray(start, end));
      onPing(() => {
        if (!isOver) socket.write(pong);
      });
    } else if (opcode === Opcode.close) {
      closedWith = `close code ${bytes.readUInt16BE(start)}`;
    }
  });
  const takeControl = (text: string) => {
    const { type } = JSON.parse(text) as ServerMessage;
    if (type === 'subscribed') settle.resolve();
    if (type === 'refused') lose(text);
  };
  const takeHead = (bytes: Buffer) => {
    const all = Buffer.concat([head ?? Buffer.alloc(0), bytes]);
    const end = all.indexOf(HEAD_END);
    head = end < 0 ? all : null;
    if (head !== null) return;
    const status = all.toString('latin1', 0, all.indexOf('\r\n'));
    if (!status.startsWith('HTTP/1.1 101')) return lose(status);
    subscribeTo(jobIds);
    cut(all.subarray(end + HEAD_END.length));
  };
  const subscribeTo = (ids: readonly string[]) => {
    const text = JSON.stringify({ type: 'subscribe', payload: { job_ids: ids } });
    socket.write(clientFrame(Opcode.text, Buffer.from(text)));
  };

  const socket: Socket = connect({
    host,
    port,
    noDelay: true,
    ...(localAddress !== null && { localAddress }),
    onread: {
      buffer: LENT,
      callback: (size) => {
        const bytes = LENT.subarray(0, size);
        if (head === null) cut(bytes);
        else takeHead(bytes);
        return true;
      },
    },
  });
  socket.on('connect', () => socket.write(upgradeRequest(`${host}:${port}`)));
  socket.on('error', (error) => lose(error.message));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  void closed.then(() => lose(closedWith || 'the connection ended'));

  return {
    subscribed,
    subscribe(more) {
      const answer = nextAnswer();
      subscribeTo(more);
      return answer;
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    async close() {
      isOver = true;
      socket.destroy();
      await closed;
    },
  };
}
