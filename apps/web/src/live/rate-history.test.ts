import { addRatePoint, HISTORY_MS, type RatePoint, sparklinePath } from './rate-history.ts';

const rate = (perSecond: number) => ({ children_per_second: perSecond });

test('ten snapshots a second become at most two points a second, the newest kept', () => {
  let history: readonly RatePoint[] = [];
  for (let atMs = 0; atMs <= 10_000; atMs += 100) history = addRatePoint(history, rate(atMs), atMs);
  expect(history.length).toBeLessThanOrEqual(22);
  expect(history.at(-1)).toEqual({ atMs: 10_000, perSecond: 10_000 });
});

test('what is older than two minutes is forgotten', () => {
  let history: readonly RatePoint[] = [];
  for (let atMs = 0; atMs <= 3 * HISTORY_MS; atMs += 1_000) history = addRatePoint(history, rate(1), atMs);
  expect(history[0]?.atMs).toBeGreaterThanOrEqual(2 * HISTORY_MS);
});

test('the line spans the box from left to right and its highest point touches the top', () => {
  const history = [
    { atMs: 0, perSecond: 0 },
    { atMs: 500, perSecond: 4 },
    { atMs: 1_000, perSecond: 2 },
  ];
  expect(sparklinePath(history, 100, 20)).toBe('M0.0 20.0L50.0 0.0L100.0 10.0');
});

test('less than two points are no line, and no rate at all is a flat one', () => {
  expect(sparklinePath([{ atMs: 0, perSecond: 1 }], 100, 20)).toBe('');
  const flat = [
    { atMs: 0, perSecond: 0 },
    { atMs: 500, perSecond: 0 },
  ];
  expect(sparklinePath(flat, 100, 20)).toBe('M0.0 20.0L100.0 20.0');
});
