// NUL, and a surrogate without its other half: valid in a JavaScript string, refused by PostgreSQL in text and jsonb.
const UNSTORABLE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
const ESCAPED_UNSTORABLE = /\\u(?:0000|d[89a-f][0-9a-f]{2})/i;

/** The text with every character that cannot be stored replaced by U+FFFD, so that one odd page fails no batch. */
export const storableText = (text: string): string => text.replace(UNSTORABLE, '\uFFFD');

/** The same for each string and key inside a JSON value. */
export function storableJson<Value>(value: Value): Value {
  const text = JSON.stringify(value);
  if (!ESCAPED_UNSTORABLE.test(text)) return value;
  return JSON.parse(text, (_, part: unknown) => {
    if (typeof part === 'string') return storableText(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [storableText(key), inner]));
  });
}
