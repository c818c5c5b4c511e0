import fc from 'fast-check';
import { RATE_WINDOW_MS, smoothRate } from './rate.ts';

const gapMs = fc.integer({ min: 1, max: 5_000 });

/** The rate after a steady flow of `perSecond`, looked at after each of the gaps. */
const steady = (perSecond: number, gapsMs: readonly number[], start = 0) =>
  gapsMs.reduce(
    (rate, elapsedMs) => smoothRate(rate, { ended: (perSecond * elapsedMs) / 1000, elapsedMs }),
    start,
  );

test('a steady flow is told as it is, after a few windows', () => {
  const tenWindows = Array(1_000).fill(RATE_WINDOW_MS / 100);
  expect(steady(50, tenWindows)).toBeCloseTo(50, 1);
  expect(steady(50, tenWindows, 400)).toBeCloseTo(50, 1);
});

test('how often it is computed makes no difference to a steady flow', () => {
  fc.assert(
    fc.property(fc.array(gapMs, { minLength: 1 }), fc.nat({ max: 1_000 }), (gapsMs, perSecond) => {
      const wholeMs = gapsMs.reduce((sum, gap) => sum + gap, 0);
      expect(steady(perSecond, gapsMs)).toBeCloseTo(steady(perSecond, [wholeMs]), 6);
    }),
  );
});

test('a burst has faded to a third after one window, whatever was looked at between', () => {
  fc.assert(
    fc.property(fc.array(gapMs, { maxLength: 10 }), (gapsMs) => {
      const faded = [...gapsMs, RATE_WINDOW_MS].reduce(
        (rate, elapsedMs) => smoothRate(rate, { ended: 0, elapsedMs }),
        100,
      );
      const wholeMs = gapsMs.reduce((sum, gap) => sum + gap, RATE_WINDOW_MS);
      expect(faded).toBeCloseTo(100 * Math.exp(-wholeMs / RATE_WINDOW_MS), 6);
    }),
  );
  expect(smoothRate(100, { ended: 0, elapsedMs: RATE_WINDOW_MS })).toBeCloseTo(100 / Math.E, 6);
});

test('children that ended within no time count as much as if it had been a millisecond', () => {
  const atOnce = smoothRate(3, { ended: 40, elapsedMs: 0 });
  expect(atOnce).toBeGreaterThan(3);
  expect(atOnce).toBeCloseTo(smoothRate(3, { ended: 40, elapsedMs: 1 }), 1);
});

test('a clock that went backwards makes no rate negative', () => {
  expect(smoothRate(0, { ended: 0, elapsedMs: -5_000 })).toBe(0);
  expect(smoothRate(5, { ended: 1, elapsedMs: -5_000 })).toBeGreaterThan(5);
});

test('the rate lies between what it was and what is seen now', () => {
  fc.assert(
    fc.property(fc.nat({ max: 10_000 }), fc.nat({ max: 10_000 }), gapMs, (previous, ended, elapsedMs) => {
      const seen = (ended * 1000) / elapsedMs;
      const rate = smoothRate(previous, { ended, elapsedMs });
      expect(rate).toBeGreaterThanOrEqual(Math.min(previous, seen) - 1e-6);
      expect(rate).toBeLessThanOrEqual(Math.max(previous, seen) + 1e-6);
    }),
  );
});

test('a steady flow is told as it is from its first moment on', () => {
  fc.assert(
    fc.property(fc.array(gapMs, { minLength: 1 }), fc.nat({ max: 1_000 }), (gapsMs, perSecond) => {
      let rate = 0;
      let sinceStartMs = 0;
      for (const elapsedMs of gapsMs) {
        sinceStartMs += elapsedMs;
        rate = smoothRate(rate, { ended: (perSecond * elapsedMs) / 1000, elapsedMs, sinceStartMs });
        expect(rate).toBeCloseTo(perSecond, 6);
      }
    }),
  );
});
