import { LIMITS } from '@progeny/contract';
import { jsonBytes, REPORT_MAX_BYTES } from '@progeny/worker/parts';
import { takeLinks } from './take-links.ts';

test('the first links are taken, no more than a report may have', () => {
  const urls = Array.from({ length: 3_000 }, (_, index) => `http://a.example/${index}`);
  const children = takeLinks(urls, 2);
  expect(children).toHaveLength(LIMITS.linksPerReport);
  expect(children[0]).toEqual({
    key: 'http://a.example/0',
    payload: { url: 'http://a.example/0', depth: 2 },
  });
});

test('of long addresses as many are taken as a report may have in bytes', () => {
  const urls = Array.from({ length: 2_000 }, (_, index) => `http://a.example/${index}/${'x'.repeat(1_900)}`);
  const children = takeLinks(urls, 2);
  expect(jsonBytes(children)).toBeLessThanOrEqual(REPORT_MAX_BYTES.children + 1);
  expect(jsonBytes(children)).toBeGreaterThan(REPORT_MAX_BYTES.children - 5_000);
});
