import { randomBytes } from 'node:crypto';
import { SUBPROTOCOL } from '@progeny/contract';

/** What a client sends, as bytes: the readers of the benchmark do without a library. */

export const upgradeRequest = (host: string): string =>
  [
    'GET /ws HTTP/1.1',
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    `Sec-WebSocket-Protocol: ${SUBPROTOCOL}`,
    '\r\n',
  ].join('\r\n');

export const Opcode = { text: 0x1, close: 0x8, ping: 0x9, pong: 0xa } as const;

const LAST = 0x80;
const MASKED = 0x80;
const MASK_BYTES = 4;
const SHORT_MAX = 125;
const LENGTH_16 = 126;

/** A frame of a client, of at most 65,535 bytes. Its mask is zero: masked by the rules, and free. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  const short = payload.length <= SHORT_MAX;
  const headBytes = short ? 2 : 4;
  const frame = Buffer.allocUnsafe(headBytes + MASK_BYTES + payload.length);
  frame[0] = LAST | opcode;
  frame[1] = MASKED | (short ? payload.length : LENGTH_16);
  if (!short) frame.writeUInt16BE(payload.length, 2);
  frame.fill(0, headBytes, headBytes + MASK_BYTES);
  payload.copy(frame, headBytes + MASK_BYTES);
  return frame;
}
