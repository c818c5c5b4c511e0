const OPCODE = 0x0f;
const LENGTH = 0x7f;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** Told of each whole frame: where its payload stands in `bytes`, which is only lent. */
export type OnFrame = (opcode: number, bytes: Buffer, start: number, end: number) => void;

/**
 * Cuts a server's bytes into frames by their heads alone. Takes the bytes as they come; what is left of a frame that is
 * not whole yet is kept until the rest comes.
 */
export function createFrameCutter(onFrame: OnFrame): (bytes: Buffer) => void {
  let rest: Buffer | null = null;
  return (chunk) => {
    const bytes = rest === null ? chunk : Buffer.concat([rest, chunk]);
    const cut = cutFrames(bytes, onFrame);
    rest = cut === bytes.length ? null : Buffer.from(bytes.subarray(cut));
  };
}

/** How many of the bytes were whole frames. */
function cutFrames(bytes: Buffer, onFrame: OnFrame): number {
  let at = 0;
  while (at + 2 <= bytes.length) {
    const short = (bytes[at + 1] ?? 0) & LENGTH;
    const headBytes = short === LENGTH_64 ? 10 : short === LENGTH_16 ? 4 : 2;
    if (at + headBytes > bytes.length) break;
    const length =
      short === LENGTH_64
        ? Number(bytes.readBigUInt64BE(at + 2))
        : short === LENGTH_16
          ? bytes.readUInt16BE(at + 2)
          : short;
    const end = at + headBytes + length;
    if (end > bytes.length) break;
    onFrame((bytes[at] ?? 0) & OPCODE, bytes, at + headBytes, end);
    at = end;
  }
  return at;
}
