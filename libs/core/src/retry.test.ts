import { MAX_ATTEMPTS, retryDelayMs } from './retry.ts';

test('a child is tried three times', () => {
  expect(MAX_ATTEMPTS).toBe(3);
});

test('each wait is twice the one before, up to a minute', () => {
  expect([1, 2, 3, 4].map(retryDelayMs)).toEqual([500, 1_000, 2_000, 4_000]);
  expect(retryDelayMs(7)).toBe(32_000);
  expect(retryDelayMs(8)).toBe(60_000);
  expect(retryDelayMs(10_000)).toBe(60_000);
});
