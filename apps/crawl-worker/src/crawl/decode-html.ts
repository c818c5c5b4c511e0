import { TextDecoder } from 'node:util';

/** HTML, 13.2.3.2: a declaration has to stand in the first 1024 bytes. */
const DECLARATION_MAX_BYTES = 1_024;
const META_CHARSET = /<meta[^>]{1,500}?charset\s*=\s*["']?\s*([\w:.-]{1,40})/i;
const HEADER_CHARSET = /;\s*charset\s*=\s*"?\s*([\w:.-]{1,40})/i;

/**
 * Bytes to text as browsers do it: byte order mark, then the header, then `<meta>`. Without any of them it is UTF-8
 * when it is valid as that, else Windows-1252. Never throws; what cannot be decoded becomes U+FFFD.
 */
export function decodeHtml(bytes: Uint8Array, contentType: string | null): string {
  const declared =
    charsetOfMark(bytes) ?? HEADER_CHARSET.exec(contentType ?? '')?.[1] ?? charsetOfMeta(bytes) ?? null;
  const decoder = declared ? decoderFor(declared) : null;
  if (decoder) return decodeWith(decoder, bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return decodeWith(new TextDecoder('windows-1252'), bytes);
  }
}

/** What Windows-1252 has where ISO 8859-1 has control characters. */
const C1_AS_WINDOWS_1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

function decodeWith(decoder: TextDecoder, bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  if (decoder.encoding !== 'windows-1252') return text;
  // Node 20 and 22 decode it as ISO 8859-1. Where Node does it right there is nothing left to replace.
  return text.replaceAll(/[\u0080-\u009f]/g, (control) =>
    C1_AS_WINDOWS_1252.charAt(control.charCodeAt(0) - 0x80),
  );
}

function charsetOfMark([first, second, third]: Uint8Array): string | null {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return null;
}

function charsetOfMeta(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, DECLARATION_MAX_BYTES)).toString('latin1');
  const charset = META_CHARSET.exec(head)?.[1];
  // A page that could be read this far is not UTF-16, whatever it says.
  return charset && /^utf-16/i.test(charset) ? 'utf-8' : charset;
}

function decoderFor(charset: string): TextDecoder | null {
  try {
    return new TextDecoder(charset);
  } catch {
    return null;
  }
}
