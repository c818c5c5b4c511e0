import { clientFrame, Opcode } from './client-bytes.ts';
import { createFrameCutter } from './server-frames.ts';

const LENGTHS = [0, 1, 125, 126, 500, 65_535, 65_536];

/** A server does not mask; the readers themselves send nothing longer than 65,535 bytes. */
function serverFrame(opcode: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = payload.length < 126 ? payload.length : payload.length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(payload.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}

const payloadOf = (length: number) => Buffer.alloc(length, `${length} `);
const STREAM = Buffer.concat(LENGTHS.map((length) => serverFrame(Opcode.text, payloadOf(length))));

test.each([1, 3, 64, 1_000, STREAM.length])('frames are whole again in pieces of %i bytes', (size) => {
  const frames: string[] = [];
  const cut = createFrameCutter((opcode, bytes, start, end) => {
    frames.push(`${opcode} ${bytes.toString('latin1', start, end)}`);
  });
  // Lent: the same memory for each piece, as of a socket.
  const lent = Buffer.alloc(size);
  for (let at = 0; at < STREAM.length; at += size) {
    const piece = STREAM.subarray(at, at + size);
    piece.copy(lent);
    cut(lent.subarray(0, piece.length));
  }
  expect(frames).toEqual(LENGTHS.map((length) => `1 ${payloadOf(length).toString('latin1')}`));
});

test.each([5, 125, 126, 4_000])('a frame of a client with %i bytes is masked, with nothing', (length) => {
  const payload = payloadOf(length);
  const frame = clientFrame(Opcode.pong, payload);
  const head = length < 126 ? 2 : 4;
  expect(frame[0]).toBe(0x8a);
  expect(frame[1]).toBe(0x80 | Math.min(length, 126));
  expect(frame.subarray(head, head + 4)).toEqual(Buffer.alloc(4));
  expect(frame.subarray(head + 4)).toEqual(payload);
});
