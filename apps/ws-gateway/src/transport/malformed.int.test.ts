import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CloseCode } from '@progeny/contract';
import { brief, progress } from '../testing/events.ts';
import { createGatewayScene, type GatewayScene } from '../testing/gateway-scene.ts';
import { CASES, closing, frames, TEXT } from '../testing/malformed-frames.ts';
import { clientFrame, openRaw, textFrame } from '../testing/raw-socket.ts';
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
  expect([CloseCode.MessageTooBig, CloseCode.TooManyFragments]).toContain(await socket.closed);
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
    for (let start = 0; start < 700; start += CASES.length) {
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
