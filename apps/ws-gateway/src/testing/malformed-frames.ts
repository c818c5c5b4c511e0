import { CloseCode, LIMITS } from '@progeny/contract';
import { clientFrame, type FrameParts, textFrame } from './raw-socket.ts';

const { ProtocolError, InvalidText, MessageTooBig, BadMessage } = CloseCode;
export const TEXT = 1;
export const frames = (...parts: FrameParts[]) => Buffer.concat(parts.map(clientFrame));
/** A message in pieces. */
const pieces = (...payloads: (string | Buffer)[]) =>
  frames(
    ...payloads.map((payload, index) => ({
      opcode: index === 0 ? TEXT : 0,
      payload,
      isFinal: index === payloads.length - 1,
    })),
  );
export const closing = (code: number, reason = '') => {
  const payload = Buffer.concat([Buffer.alloc(2), Buffer.from(reason)]);
  payload.writeUInt16BE(code, 0);
  return frames({ opcode: 8, payload });
};
const EURO = Buffer.from('€');
const subscribe = (payload: string) => textFrame(`{"type":"subscribe","payload":${payload}}`);
const KIB = 'x'.repeat(1_024);

/** What it is, how it has to end, and its bytes. */
export const CASES: readonly (readonly [string, number, Buffer])[] = [
  ...[1, 2, 4, 7].map(
    (reserved) => [`reserved bits ${reserved}`, ProtocolError, frames({ opcode: TEXT, reserved })] as const,
  ),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
    (opcode) => [`opcode ${opcode}`, ProtocolError, frames({ opcode })] as const,
  ),
  ['a reserved bit on a ping', ProtocolError, frames({ opcode: 9, reserved: 4 })],
  ['a frame without a mask', ProtocolError, frames({ opcode: TEXT, payload: 'a', isMasked: false })],
  ['a ping without a mask', ProtocolError, frames({ opcode: 9, isMasked: false })],
  ['bytes that are no text', InvalidText, frames({ opcode: TEXT, payload: Buffer.from([0xc3, 0x28]) })],
  ['text cut short', InvalidText, frames({ opcode: TEXT, payload: EURO.subarray(0, 2) })],
  [
    'text with half of a pair',
    InvalidText,
    frames({ opcode: TEXT, payload: Buffer.from([0xed, 0xa0, 0x80]) }),
  ],
  ['text longer than it must be', InvalidText, frames({ opcode: TEXT, payload: Buffer.from([0xc0, 0xaf]) })],
  ['bad text over two fragments', InvalidText, pieces(EURO.subarray(0, 2), 'abc')],
  ['a ping of more than 125 bytes', ProtocolError, frames({ opcode: 9, payload: 'x'.repeat(126) })],
  ['a pong of more than 125 bytes', ProtocolError, frames({ opcode: 10, payload: 'x'.repeat(126) })],
  ['a close of more than 125 bytes', ProtocolError, closing(1000, 'x'.repeat(124))],
  ['a ping in pieces', ProtocolError, frames({ opcode: 9, isFinal: false })],
  ['a close in pieces', ProtocolError, frames({ opcode: 8, isFinal: false })],
  ['a piece of nothing', ProtocolError, frames({ opcode: 0, payload: 'x' })],
  ['a message within another', ProtocolError, frames({ opcode: TEXT, isFinal: false }, { opcode: TEXT })],
  [
    'a length below nothing',
    MessageTooBig,
    Buffer.from([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
  ],
  ['a length of gigabytes', MessageTooBig, Buffer.from([0x81, 0xff, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0])],
  ['17 KiB in one frame', MessageTooBig, textFrame(KIB.repeat(17))],
  ['17 KiB in pieces', MessageTooBig, pieces(...Array<string>(17).fill(KIB))],
  [
    'a message that never ends',
    MessageTooBig,
    frames(
      ...Array.from({ length: 60 }, (_, at) => ({
        opcode: at === 0 ? TEXT : 0,
        payload: KIB,
        isFinal: false,
      })),
    ),
  ],
  ['a binary message', BadMessage, frames({ opcode: 2, payload: '{"type":"ping"}' })],
  ['an empty message', BadMessage, textFrame('')],
  ['no JSON', BadMessage, textFrame('{"type":')],
  [
    'deep JSON',
    BadMessage,
    textFrame('['.repeat(LIMITS.wsFrameMaxBytes / 2) + ']'.repeat(LIMITS.wsFrameMaxBytes / 2)),
  ],
  ['deep JSON that never ends', BadMessage, textFrame('{"a":'.repeat(3_000))],
  [
    'deep JSON where jobs should be',
    BadMessage,
    subscribe(`{"job_ids":${'['.repeat(5_000)}${']'.repeat(5_000)}}`),
  ],
  ['a type of the prototype', BadMessage, textFrame('{"type":"__proto__"}')],
  ['a type that is no text', BadMessage, textFrame('{"type":{"toString":1}}')],
  ['the constructor as a type', BadMessage, textFrame('{"type":"constructor","payload":{}}')],
  ['a message in the prototype', BadMessage, textFrame('{"__proto__":{"type":"ping"}}')],
  [
    'jobs in the prototype',
    BadMessage,
    subscribe('{"__proto__":{"job_ids":["01890000-0000-7000-8000-000000000001"]}}'),
  ],
  ['the constructor as a job', BadMessage, subscribe('{"job_ids":["constructor"]}')],
  [
    'a cursor of the constructor',
    BadMessage,
    subscribe('{"job_ids":["01890000-0000-7000-8000-000000000001"],"after_seq":{"constructor":1}}'),
  ],
  [
    'a cursor below nothing',
    BadMessage,
    subscribe(
      '{"job_ids":["01890000-0000-7000-8000-000000000001"],"after_seq":{"01890000-0000-7000-8000-000000000001":-1}}',
    ),
  ],
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map(
    (code) => [`the close code ${code}`, ProtocolError, closing(code)] as const,
  ),
  ['a close code of one byte', ProtocolError, frames({ opcode: 8, payload: 'x' })],
  [
    'a reason that is no text',
    InvalidText,
    frames({ opcode: 8, payload: Buffer.from([0x03, 0xe8, 0xc3, 0x28]) }),
  ],
];
