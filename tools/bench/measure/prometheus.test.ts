import { parseMetrics, quantileBetween, sampleOf } from './prometheus.ts';

const metrics = (fast: number, slow: number) =>
  parseMetrics(`
# HELP fold_lag_seconds How far behind
# TYPE fold_lag_seconds histogram
fold_lag_seconds_bucket{le="0.01",service="parent-executor"} ${fast}
fold_lag_seconds_bucket{le="0.1",service="parent-executor"} ${fast + slow}
fold_lag_seconds_bucket{le="+Inf",service="parent-executor"} ${fast + slow}
fold_lag_seconds_count{service="parent-executor"} ${fast + slow}
progress_drift_total{service="parent-executor"} 0
nodejs_version_info 1e3
`);

test('reads values, with labels or without', () => {
  expect(sampleOf(metrics(3, 4), 'fold_lag_seconds_count')).toBe(7);
  expect(sampleOf(metrics(3, 4), 'nodejs_version_info')).toBe(1_000);
  expect(sampleOf(metrics(3, 4), 'missing')).toBe(0);
});

test('only what came between two readings counts', () => {
  const readings = { before: metrics(100, 0), after: metrics(150, 50) };
  expect(quantileBetween(readings, { histogram: 'fold_lag_seconds', share: 0.5 })).toBe(0.01);
  expect(quantileBetween(readings, { histogram: 'fold_lag_seconds', share: 0.51 })).toBe(0.1);
});

test('nothing came, or nobody counts it: null', () => {
  const readings = { before: metrics(1, 1), after: metrics(1, 1) };
  expect(quantileBetween(readings, { histogram: 'fold_lag_seconds', share: 0.5 })).toBeNull();
  expect(quantileBetween(readings, { histogram: 'other', share: 0.5 })).toBeNull();
});
