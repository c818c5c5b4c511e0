import { createLatencyHistogram, percentileOf } from './latency-histogram.ts';

const counted = (...milliseconds: number[]) => {
  const histogram = createLatencyHistogram();
  for (const one of milliseconds) histogram.add(one);
  return histogram;
};

test('percentiles to a twentieth of a millisecond, in whatever order it came', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 0.01);
  const pairs = counted(...hundred.slice(30), ...hundred.slice(0, 30)).toPairs();
  expect(percentileOf(pairs, 0.5)).toBeCloseTo(50.05);
  expect(percentileOf(pairs, 0.99)).toBeCloseTo(99.05);
  expect(percentileOf(pairs, 1)).toBeCloseTo(99.05);
});

test('what is beyond its bounds counts as the bound', () => {
  expect(percentileOf(counted(-3).toPairs(), 0.5)).toBeCloseTo(0.05);
  expect(percentileOf(counted(1e9).toPairs(), 0.5)).toBeCloseTo(20_000.05);
});

test('after a clear, and of nothing, there is none', () => {
  const histogram = counted(5);
  histogram.clear();
  expect(percentileOf(histogram.toPairs(), 0.5)).toBeNaN();
});
