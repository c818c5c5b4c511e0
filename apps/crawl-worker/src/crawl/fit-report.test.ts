import { LIMITS } from '@progeny/contract';
import fc from 'fast-check';
import { fitText, jsonBytes, REPORT_MAX_BYTES, takeLinks } from './fit-report.ts';

const heavy = fc.constantFrom('a', '"', '\\', '\u0001', 'ü', '語', '😀', '\ud800');

test('whatever a page holds, its report fits into one message', () => {
  fc.assert(
    fc.property(fc.array(heavy, { minLength: 1, maxLength: 5 }), (characters) => {
      const text = fitText(characters.join('').repeat(300_000));
      const links = takeLinks(
        Array.from({ length: 5_000 }, (_, index) => `http://a.example/${index}/${'x'.repeat(1_900)}`),
        3,
      );
      expect(jsonBytes({ text, children: links })).toBeLessThan(REPORT_MAX_BYTES - 70_000);
    }),
    { numRuns: 20 },
  );
});

test('an ordinary text is left whole', () => {
  const text = 'ein gewöhnlicher Text '.repeat(5_000);
  expect(fitText(text)).toBe(text);
  expect(fitText('x'.repeat(300_000))).toHaveLength(LIMITS.pageTextMaxChars);
});

test('the first links are taken, no more than a report may have', () => {
  const urls = Array.from({ length: 3_000 }, (_, index) => `http://a.example/${index}`);
  const children = takeLinks(urls, 2);
  expect(children).toHaveLength(LIMITS.linksPerReport);
  expect(children[0]).toEqual({
    key: 'http://a.example/0',
    payload: { url: 'http://a.example/0', depth: 2 },
  });
});
