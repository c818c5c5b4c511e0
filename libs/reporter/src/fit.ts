import type { StatusReport } from './reporter.ts';
import { type JobError, MANAGER_LIMITS } from './wire.ts';

const encoder = new TextEncoder();

/** Whether the text has at most so many bytes in UTF-8; it looks at each character only when it has to. */
const fits = (text: string, maxBytes: number): boolean =>
  text.length * 3 <= maxBytes || (text.length <= maxBytes && encoder.encode(text).length <= maxBytes);

/** At most so many characters, the last of them saying that there were more; never half of a surrogate pair. */
export function fitText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const note = ` … (cut, ${text.length} characters)`;
  const kept = text.slice(0, Math.max(0, maxChars - note.length)).replace(/[\uD800-\uDBFF]$/, '');
  return `${kept}${note}`.slice(0, maxChars);
}

/**
 * A key as the manager takes it. One that is too long keeps its beginning and ends in a digest of all of it, so that
 * it is the same each time and not that of another.
 */
export function fitKey(key: string): string {
  if (key === '') return '(empty)';
  if (fits(key, MANAGER_LIMITS.keyMaxBytes)) return key;
  // A character has at most three bytes for each of its units.
  return `${key.slice(0, 640).replace(/[\uD800-\uDBFF]$/, '')}…${digest(key)}`;
}

/** A key as it may stand in a header: visible ASCII, at most 200 characters, another for each other key. */
export function fitIdempotencyKey(key: string): string {
  const visible = key.replace(/[^\x21-\x7e]|%/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
  if (visible !== '' && visible.length <= MANAGER_LIMITS.idempotencyKeyMaxChars) return visible;
  return `${visible.slice(0, 160)}~${digest(key)}`;
}

/** FNV-1a over UTF-16 units, four times from different beginnings: 128 bits, fast also for what is huge. */
function digest(text: string): string {
  const lanes = [0x811c9dc5, 0x01234567, 0x9e3779b9, 0x7f4a7c15];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    for (let lane = 0; lane < lanes.length; lane += 1) {
      lanes[lane] = Math.imul((lanes[lane] ?? 0) ^ (unit + lane), 0x01000193);
    }
  }
  return lanes.map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}

/** A JSON object for whatever it is given: `{ value }` for what is none, and a note for what is too large or no JSON. */
export function fitJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(isRecord(value) ? value : { value });
  } catch (error) {
    return JSON.stringify({
      cut: true,
      note: `This cannot be written as JSON: ${fitText(String(error), 500)}`,
    });
  }
  // An object with a toJSON of its own may have become anything, a date for one.
  if (!text?.startsWith('{')) text = `{"value":${text ?? 'null'}}`;
  if (fits(text, MANAGER_LIMITS.payloadMaxBytes)) return text;
  const note = `This had ${encoder.encode(text).length} bytes; ${MANAGER_LIMITS.payloadMaxBytes} are kept at most.`;
  // Written as a string again it may grow: a quote becomes two characters, a control character six.
  for (let chars = MANAGER_LIMITS.payloadMaxBytes / 2; ; chars = Math.floor(chars / 2)) {
    const beginning = text.slice(0, chars).replace(/[\uD800-\uDBFF]$/, '');
    const short = JSON.stringify({ cut: true, note, beginning });
    if (fits(short, MANAGER_LIMITS.payloadMaxBytes)) return short;
  }
}

export function fitError({
  error_code: code,
  user_message: message = 'It failed.',
  technical_detail: detail = '',
}: NonNullable<StatusReport['error']>): JobError {
  const word = String(code)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, MANAGER_LIMITS.errorCodeMaxChars);
  return {
    error_code: word === '' ? 'unknown' : word,
    user_message: fitText(String(message), MANAGER_LIMITS.userMessageMaxChars),
    technical_detail: fitText(String(detail), MANAGER_LIMITS.technicalDetailMaxChars),
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
