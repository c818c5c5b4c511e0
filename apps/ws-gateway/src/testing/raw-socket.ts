import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { ServerMessage } from '@progeny/contract';
import { readServerFrame } from '@progeny/contract/testing';

const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const;

export interface FrameParts {
  opcode: number;
  payload?: string | Buffer;
  isFinal?: boolean;
  isMasked?: boolean;
  /** The three reserved bits, as 0 to 7. */
  reserved?: number;
}

/** A frame of a client as RFC 6455 has it, or as it should not be. The mask is all zeros. */
export function clientFrame({
  opcode,
  payload = '',
  isFinal = true,
  isMasked = true,
  reserved = 0,
}: FrameParts): Buffer {
  const bytes = Buffer.from(payload);
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = isMasked ? 0x80 : 0;
  const header =
    bytes.length < 126
      ? Buffer.from([first, mask | bytes.length])
      : Buffer.from([first, mask | 126, bytes.length >> 8, bytes.length & 0xff]);
  return Buffer.concat([header, Buffer.alloc(isMasked ? 4 : 0), bytes]);
}

export const textFrame = (payload: string | Buffer) => clientFrame({ opcode: OPCODE.text, payload });

export interface RawSocketOptions {
  headers?: Readonly<Record<string, string>>;
  /** A client that does not is behind, as far as the gateway can tell. */
  answersPings?: boolean;
}

/** A WebSocket by hand: frames that no library would write, and no answer but those that the test gives. */
export interface RawSocket {
  readonly tcp: Socket;
  readonly messages: readonly ServerMessage[];
  /** Payloads of the pings that came. */
  readonly pings: readonly Buffer[];
  write(...frames: Buffer[]): void;
  pong(payload: Buffer): void;
  /** Resolves when this is so; it is asked after each frame. Rejects when the line ends before. */
  until(isSo: () => boolean): Promise<void>;
  /** The code in the close frame; null where the line ended without one. */
  readonly closed: Promise<number | null>;
}

export async function openTcp(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  await once(socket, 'connect');
  socket.on('error', () => {});
  return socket;
}

export const upgradeRequest = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n');

export async function openRaw(
  port: number,
  { headers, answersPings = true }: RawSocketOptions = {},
): Promise<RawSocket> {
  const tcp = await openTcp(port);
  tcp.write(upgradeRequest('/ws', headers));
  const [chunk]: Buffer[] = await once(tcp, 'data');
  const end = chunk?.indexOf('\r\n\r\n') ?? -1;
  const head = chunk?.subarray(0, end).toString() ?? '';
  if (!head.startsWith('HTTP/1.1 101')) throw new Error(`refused: ${head}`);

  const messages: ServerMessage[] = [];
  const pings: Buffer[] = [];
  let code: number | null = null;
  let hasEnded = false;
  let wake = () => {};
  const pong = (payload: Buffer) => void tcp.write(clientFrame({ opcode: OPCODE.pong, payload }));
  const take = ({ opcode, payload }: { opcode: number; payload: Buffer }) => {
    if (opcode === OPCODE.text) messages.push(readServerFrame(payload.toString()));
    if (opcode === OPCODE.close) {
      code = payload.readUInt16BE(0);
      // Not the closing handshake, but the gateway need not wait for it.
      tcp.end();
    }
    if (opcode !== OPCODE.ping) return;
    pings.push(payload);
    if (answersPings) pong(payload);
  };
  const split = createSplitter((frame) => {
    take(frame);
    wake();
  });
  tcp.on('data', split);
  const closed = new Promise<number | null>((resolve) => {
    const onEnd = () => {
      hasEnded = true;
      tcp.end();
      resolve(code);
      wake();
    };
    tcp.once('end', onEnd);
    tcp.once('close', onEnd);
  });
  split(chunk?.subarray(end + 4) ?? Buffer.alloc(0));
  return {
    tcp,
    messages,
    pings,
    write: (...frames) => void tcp.write(Buffer.concat(frames)),
    pong,
    async until(isSo) {
      while (!isSo()) {
        if (hasEnded) throw new Error(`the line ended with ${code}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    closed,
  };
}

/** Cuts a stream of unmasked frames into those. */
function createSplitter(take: (frame: { opcode: number; payload: Buffer }) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const [first = 0, second = 0] = rest;
      const extra = second < 126 ? 0 : second === 126 ? 2 : 8;
      const start = 2 + extra;
      if (rest.length < start) return;
      const length =
        extra === 0 ? second : extra === 2 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
      if (rest.length < start + length) return;
      const payload = rest.subarray(start, start + length);
      rest = rest.subarray(start + length);
      take({ opcode: first & 0x0f, payload });
    }
  };
}
