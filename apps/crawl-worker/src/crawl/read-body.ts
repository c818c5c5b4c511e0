import { createHash } from 'node:crypto';
import { type Readable, type Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { invalidResponseError, tooLargeError } from './page-error.ts';

/** What becomes of a body over the limit: a PageError `too_large`, or the part that fits. */
export type Overflow = 'fail' | 'cut';

export interface Body {
  bytes: Buffer;
  /** Hexadecimal, of `bytes`. */
  sha256: string;
}

interface ReadOptions {
  maxBytes: number;
  overflow: Overflow;
  /** NaN when the server did not say. */
  contentLength: number;
  contentCoding: string | null;
}

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  br: createBrotliDecompress,
  deflate: createInflate,
};
/** More layers than anybody needs; each one multiplies what a small body can become. */
const CODINGS_MAX = 2;

/**
 * Reads a body without ever holding more than the limit. The limit counts after decompression, so that a small
 * body cannot become a large one.
 */
export async function readBody(
  body: Readable,
  { maxBytes, overflow, contentLength, contentCoding }: ReadOptions,
): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      const kept = chunk.subarray(0, maxBytes - size);
      chunks.push(kept);
      size += kept.length;
      done(kept.length < chunk.length ? tooLargeError(maxBytes) : null);
    },
  });
  try {
    if (overflow === 'fail' && contentLength > maxBytes) throw tooLargeError(maxBytes);
    const decoders = contentLength === 0 ? [] : decodersFor(contentCoding ?? '');
    await pipeline([body, ...decoders, sink]);
  } catch (error) {
    body.on('error', () => {}).destroy();
    const isCut = overflow === 'cut' && size === maxBytes;
    if (!isCut) throw error;
  }
  const bytes = Buffer.concat(chunks);
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function decodersFor(contentCoding: string): Transform[] {
  const codings = contentCoding
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length > CODINGS_MAX) throw invalidResponseError(`${codings.length} content codings`);
  return codings.reverse().map((coding) => {
    const create = DECODERS[coding];
    if (!create) throw invalidResponseError(`unknown content coding ${coding.slice(0, 100)}`);
    return create();
  });
}
