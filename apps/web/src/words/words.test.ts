import { formatAgo, formatClock, formatElapsed, formatSpan, formatTook } from './duration.ts';
import { labelOf, pageFactsOf, seedOf } from './job-words.ts';
import { formatBytes, formatCount, formatRate } from './quantity.ts';

test.each([
  [-5_000, '0s'],
  [59_999, '59s'],
  [185_000, '3m 05s'],
  [7_440_000, '2h 04m'],
])('%d ms have elapsed: %s', (ms, words) => expect(formatElapsed(ms)).toBe(words));

test.each([
  [40, '40ms'],
  [1_234, '1.2s'],
  [36_400, '36s'],
  [185_000, '3m 05s'],
])('%d ms it took: %s', (ms, words) => expect(formatTook(ms)).toBe(words));

test.each([
  [-1_000, 'just now'],
  [59_999, 'just now'],
  [300_000, '5 min ago'],
  [3 * 3_600_000, '3 h ago'],
  [50 * 3_600_000, '2 d ago'],
])('%d ms back is %s', (ms, words) => expect(formatAgo(ms)).toBe(words));

test.each([
  [-1_000, '0 s'],
  [12_900, '12 s'],
  [2_520_000, '42 min'],
  [3 * 3_600_000, '3 h'],
  [50 * 3_600_000, '2 d'],
])('%d ms is about %s', (ms, words) => expect(formatSpan(ms)).toBe(words));

test('the time of day has seconds', () =>
  expect(formatClock(new Date(2026, 0, 1, 12, 3, 10).getTime())).toBe('12:03:10'));

test('quantities are short and grouped', () => {
  expect([formatCount(12_345), formatBytes(512), formatBytes(14_200), formatBytes(3_100_000)]).toEqual([
    '12,345',
    '512 B',
    '14.2 kB',
    '3.1 MB',
  ]);
  expect([formatRate(0), formatRate(7.34), formatRate(1_234.5)]).toEqual(['0.0', '7.3', '1,235']);
});

test('a page is called by its path and query, another child by its key', () => {
  const url = 'https://x.example/caf%C3%A9?page=2';
  expect(labelOf({ key: url, payload: { url } })).toEqual({ text: '/café?page=2', url });
  expect(labelOf({ key: 'k', payload: { url: 'https://x.example/%E0%A4' } }).text).toBe('/%E0%A4');
  expect(labelOf({ key: 'invoice-7', payload: {} })).toEqual({ text: 'invoice-7', url: null });
});

test('an address that is no web address is never made a link', () => {
  const url = 'javascript:alert(1)';
  expect(labelOf({ key: 'k', payload: { url } }).url).toBeNull();
  expect(seedOf({ spec: { seeds: [url] } })).toBeNull();
  expect(seedOf({ spec: { seeds: ['https://x.example/'] } })).toBe('https://x.example/');
  expect(seedOf({ spec: {} })).toBeNull();
});

test('a result is read as far as it is there', () => {
  expect(pageFactsOf({ result: null })).toEqual({
    httpStatus: null,
    title: null,
    sizeBytes: null,
    durationMs: null,
  });
  expect(
    pageFactsOf({ result: { http_status: 200, title: null, size_bytes: 'big', duration_ms: 12 } }),
  ).toEqual({
    httpStatus: 200,
    title: null,
    sizeBytes: null,
    durationMs: 12,
  });
});
