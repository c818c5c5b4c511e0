import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CloseCode, LIMITS } from '@progeny/contract';
import { brief, progress } from '../testing/events.ts';
import { createGatewayScene, type GatewayScene } from '../testing/gateway-scene.ts';
import { clientFrame, type FrameParts, openRaw, textFrame } from '../testing/raw-socket.ts';
import type { TestClient } from '../testing/test-client.ts';

let scene: GatewayScene;
/** Somebody else, who has to notice nothing. */
let witness: TestClient;
let version = 1;

beforeAll(async () => {
  scene = await createGatewayScene();
  witness = await scene.connect();
});

afterAll(() => scene.close());

afterEach(async () => {
  version += 1;
  scene.publish(progress(version));
  expect(brief(await witness.next('parent_job_progress'))).toBe(`v${version}`);
});

const { ProtocolError, InvalidText, MessageTooBig, BadMessage } = CloseCode;
const TEXT = 1;
const frames = (...parts: FrameParts[]) => Buffer.concat(parts.map(clientFrame));
/** A message in pieces. */
const pieces = (...payloads: (string | Buffer)[]) =>
  frames(
    ...payloads.map((payload, index) => ({
      opcode: index === 0 ? TEXT : 0,
      payload,
      isFinal: index === payloads.length - 1,
    })),
  );
const closing = (code: number, reason = '') => {
  const payload = Buffer.concat([Buffer.alloc(2), Buffer.from(reason)]);
  payload.writeUInt16BE(code, 0);
  return frames({ opcode: 8, payload });
};
const EURO = Buffer.from('€');
const subscribe = (payload: string) => textFrame(`{"type":"subscribe","payload":${payload}}`);
const KIB = 'x'.repeat(1_024);

const CASES: readonly (readonly [string, number, Buffer])[] = [
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

test.each(CASES)('%s ends with %i', async (_, code, bytes) => {
  const socket = await scene.raw();
  socket.write(bytes);
  expect(await socket.closed).toBe(code);
  expect(socket.messages.map(({ type }) => type)).toEqual(['welcome']);
});

test('byte by byte they end alike', async () => {
  const short = CASES.filter(([, , bytes]) => bytes.length < 100);
  const codes = await Promise.all(
    short.map(async ([, , bytes]) => {
      const socket = await scene.raw();
      for (const byte of bytes) {
        socket.write(Buffer.from([byte]));
        await new Promise(setImmediate);
      }
      return socket.closed;
    }),
  );
  expect(codes).toEqual(short.map(([, code]) => code));
});

test.each([
  ['pieces of nothing', { opcode: 0, isFinal: false }],
  ['pieces of a byte', { opcode: 0, payload: 'x', isFinal: false }],
])('a flood of %s ends the connection', async (_, piece) => {
  const socket = await scene.raw();
  socket.write(frames({ opcode: TEXT, isFinal: false }), ...Array<Buffer>(5_000).fill(clientFrame(piece)));
  // Too much in pieces is too much, as is too much in one.
  expect([MessageTooBig, 1008]).toContain(await socket.closed);
});

test('a message in a few pieces, with a ping between and a letter over two of them, is taken', async () => {
  const socket = await scene.raw();
  const text = Buffer.from('{"type":"ping","more":"€"}');
  socket.write(
    frames({ opcode: TEXT, payload: text.subarray(0, 24), isFinal: false }),
    frames({ opcode: 9, payload: 'between' }),
    frames({ opcode: 0, payload: text.subarray(24) }),
  );
  await socket.until(() => socket.messages.at(-1)?.type === 'pong');
  socket.write(textFrame('{"type":"ping","payload":{"__proto__":{"x":1},"constructor":1}}'));
  await Promise.race([socket.closed, socket.until(() => socket.messages.length === 3)]);
  expect(({} as { x?: number }).x).toBeUndefined();
  socket.tcp.destroy();
});

test.each([1000, 1001, 1003, 3000, 4999])('the close code %i is answered alike', async (code) => {
  const socket = await scene.raw();
  socket.write(closing(code, 'bye'));
  expect(await socket.closed).toBe(code);
});

test('some thousand of such connections leave nothing behind', async () => {
  const round = async () => {
    for (let start = 0; start < 1_000; start += CASES.length) {
      await Promise.all(
        CASES.map(async ([, , bytes]) => {
          const socket = await openRaw(scene.port);
          socket.write(bytes);
          await socket.closed;
          socket.tcp.destroy();
        }),
      );
    }
    await scene.untilConnections(1);
    return heapBytes();
  };
  await round();
  const before = await round();
  const after = await round();
  expect(after - before).toBeLessThan(3 * 1_024 * 1_024);
});

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
