import { createLatencyHistogram, percentileOf } from './latency-histogram.ts';

const counted = (...milliseconds: number[]) => {
  const histogram = createLatencyHistogram();
  for (const one of milliseconds) histogram.add(one);
  return histogram;
};

test('percentiles of several processes together, to a twentieth of a millisecond', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 0.01);
  const parts = [counted(...hundred.slice(0, 30)).toPairs(), counted(...hundred.slice(30)).toPairs()];
  expect(percentileOf(parts, 0.5)).toBeCloseTo(50.05);
  expect(percentileOf(parts, 0.99)).toBeCloseTo(99.05);
  expect(percentileOf(parts, 1)).toBeCloseTo(99.05);
});

test('what is beyond its bounds counts as the bound', () => {
  expect(percentileOf([counted(-3).toPairs()], 0.5)).toBeCloseTo(0.05);
  expect(percentileOf([counted(1e9).toPairs()], 0.5)).toBeCloseTo(20_000.05);
});

test('after a clear, and of nothing, there is none', () => {
  const histogram = counted(5);
  histogram.clear();
  expect(percentileOf([histogram.toPairs()], 0.5)).toBeNaN();
});
