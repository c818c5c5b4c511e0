import { summarizeLags, viewerLagsMs } from './viewer-lag.ts';

test('a report waits for the first frame that counts it', () => {
  const reports = [
    { atMs: 0, completed: 10 },
    { atMs: 5, completed: 20 },
    { atMs: 50, completed: 30 },
  ];
  const frames = [
    { atMs: 2, completed: 8 },
    { atMs: 30, completed: 25 },
    { atMs: 45, completed: 30 },
  ];
  expect(viewerLagsMs(reports, frames)).toEqual([30, 25, 0]);
});

test('what no frame counts is never seen', () => {
  expect(viewerLagsMs([{ atMs: 0, completed: 2 }], [{ atMs: 1, completed: 1 }])).toEqual([
    Number.POSITIVE_INFINITY,
  ]);
});

test('the middle, nearly all, and the worst', () => {
  const lagsMs = Array.from({ length: 100 }, (_, index) => index);
  expect(summarizeLags(lagsMs)).toEqual({ p50Ms: 50, p99Ms: 99, maxMs: 99 });
});
