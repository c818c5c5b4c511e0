import { hasTriesLeft, MAX_ATTEMPTS, RETRYABLE_ENDS, retryDelayMs } from './retry.ts';

test('a child is tried three times', () => {
  expect(MAX_ATTEMPTS).toBe(3);
});

test('in each run anew: what was tried in the runs before does not count', () => {
  for (const runBase of [0, 2, 40]) {
    const left = [1, 2, 3, 4].map((tried) => hasTriesLeft({ runBase }, runBase + tried));
    expect(left).toEqual([true, true, false, false]);
  }
});

test('what failed or was cancelled may be ordered anew, and nothing else', () => {
  expect(RETRYABLE_ENDS).toEqual(['failed', 'cancelled']);
});

test('each wait is twice the one before, up to a minute', () => {
  expect([1, 2, 3, 4].map(retryDelayMs)).toEqual([500, 1_000, 2_000, 4_000]);
  expect(retryDelayMs(7)).toBe(32_000);
  expect(retryDelayMs(8)).toBe(60_000);
  expect(retryDelayMs(10_000)).toBe(60_000);
});
