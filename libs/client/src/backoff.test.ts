import fc from 'fast-check';
import { BACKOFF_CAP_MS, fullJitterMs } from './backoff.ts';

test('a wait is anything from nothing to a ceiling that doubles and never passes the cap', () => {
  fc.assert(
    fc.property(
      fc.nat(2_000),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, chance) => {
        const waitMs = fullJitterMs(attempt, () => chance);
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(Math.min(BACKOFF_CAP_MS, 500 * 2 ** attempt));
      },
    ),
  );
  expect(fullJitterMs(0, () => 1)).toBe(500);
  expect(fullJitterMs(3, () => 1)).toBe(4_000);
  expect(fullJitterMs(9, () => 1)).toBe(10_000);
  expect(fullJitterMs(3, () => 0)).toBe(0);
});
