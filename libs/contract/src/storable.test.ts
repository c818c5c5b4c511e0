import fc from 'fast-check';
import { storableJson, storableText } from './storable.ts';

const anyText = fc.string({ unit: 'binary' });
/** Any UTF-16 at all, with halves of characters and NUL. */
const brokenText = fc.array(fc.nat({ max: 0xffff })).map((units) => String.fromCharCode(...units, 0, 0xd800));

test('what PostgreSQL refuses is replaced, the rest is as it was', () => {
  expect(storableText('a\0b')).toBe('a\uFFFDb');
  expect(storableText('\uD83E\uDD89 \uD83E \uDD89')).toBe('\uD83E\uDD89 \uFFFD \uFFFD');
  expect(storableText('plain \\u0000 text')).toBe('plain \\u0000 text');
});

test('what can be stored is stored as it is', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      if (!text.includes('\0')) expect(storableText(text)).toBe(text);
    }),
  );
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      if (!text.includes('\\u')) expect(storableJson(value)).toBe(value);
    }),
  );
});

test('any text can be stored afterwards, and once is enough', () => {
  fc.assert(
    fc.property(brokenText, (text) => {
      const stored = storableText(text);
      expect(stored).toHaveLength(text.length);
      expect(stored).not.toContain('\0');
      expect(() => encodeURIComponent(stored)).not.toThrow();
      expect(storableText(stored)).toBe(stored);
    }),
  );
});

test('in JSON it reaches every string and key, at any depth', () => {
  const value = { 'k\0': ['x\uD800', { deep: { 'b\uDC00': 'y\0' } }, 7, null, true] };
  expect(storableJson(value)).toEqual({
    'k\uFFFD': ['x\uFFFD', { deep: { 'b\uFFFD': 'y\uFFFD' } }, 7, null, true],
  });
});

test('a key that means something to JavaScript stays a key', () => {
  const value: unknown = JSON.parse('{"__proto__":{"a":"x\\u0000"}}');
  expect(JSON.stringify(storableJson(value))).toBe('{"__proto__":{"a":"x\uFFFD"}}');
});
