import { LIMITS } from '@progeny/contract';
import fc from 'fast-check';
import { countThatFits, fitText, jsonBytes, REPORT_MAX_BYTES } from './report-size.ts';

const heavy = fc.constantFrom('a', '"', '\\', '\u0001', 'ü', '語', '😀', '\ud800');

test('whatever a text holds, a report with it and as many children and as large a result as may be fits', () => {
  fc.assert(
    fc.property(fc.array(heavy, { minLength: 1, maxLength: 5 }), (characters) => {
      const text = fitText(characters.join('').repeat(300_000));
      expect(jsonBytes(text) + REPORT_MAX_BYTES.children + LIMITS.payloadMaxBytes).toBeLessThan(
        REPORT_MAX_BYTES.batch,
      );
    }),
    { numRuns: 20 },
  );
});

test('an ordinary text is left whole', () => {
  const text = 'ein gewöhnlicher Text '.repeat(5_000);
  expect(fitText(text)).toBe(text);
  expect(fitText('x'.repeat(300_000))).toHaveLength(LIMITS.pageTextMaxChars);
});

test('as many as fit go together, and one goes alone however large it is', () => {
  expect(countThatFits([1, 1, 1], 2)).toBe(2);
  expect(countThatFits([500_000, 300_000, 200_000], 10)).toBe(2);
  expect(countThatFits([2_000_000, 1], 10)).toBe(1);
  expect(countThatFits([1, 1, 1], 10)).toBe(3);
});
