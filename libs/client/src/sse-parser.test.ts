import fc from 'fast-check';
import { createSseParser } from './sse-parser.ts';

const parse = (pieces: string[]): string[] => {
  const read: string[] = [];
  const feed = createSseParser((data) => read.push(data));
  for (const piece of pieces) feed(piece);
  return read;
};

test('however the stream is cut and whichever line break it uses, the same events come out', () => {
  const stream = fc
    .constantFrom('\n', '\r\n', '\r')
    .map((end) =>
      [': alive', '', 'event: x', 'id: 1.2', 'data: {"a":1}', '', 'data:b', 'data: c', '', 'data: cut'].join(
        end,
      ),
    );
  fc.assert(
    fc.property(stream, fc.array(fc.nat(60), { maxLength: 12 }), (text, cuts) => {
      const at = [...new Set(cuts.map((cut) => Math.min(cut, text.length)))].sort((a, b) => a - b);
      const pieces = [0, ...at].map((from, index) => text.slice(from, at[index]));
      expect(parse(pieces)).toEqual(['{"a":1}', 'b\nc']);
    }),
  );
});

test('an event without an end is not kept for ever', () => {
  const feed = createSseParser(() => undefined);
  const piece = 'x'.repeat(600_000);
  feed(piece);
  expect(() => feed(piece)).toThrow(RangeError);
});
