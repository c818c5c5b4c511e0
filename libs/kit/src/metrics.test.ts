import { createMetrics } from './metrics.ts';

test('several services in one process have their own numbers', async () => {
  const [one, other] = [createMetrics({ service: 'one' }), createMetrics({ service: 'other' })];
  one.counter('things_total', 'Things', ['kind']).inc({ kind: 'big' }, 2);
  other.counter('things_total', 'Things', ['kind']).inc({ kind: 'big' });
  expect((await one.render()).text).toContain('things_total{kind="big",service="one"} 2\n');
  expect((await other.render()).text).toContain('things_total{kind="big",service="other"} 1\n');
});

test('a gauge is read when it is asked for', async () => {
  const metrics = createMetrics({ service: 'one' });
  let connections = 1;
  metrics.gauge('connections', 'Open connections', () => connections);
  expect((await metrics.render()).text).toContain('connections{service="one"} 1\n');
  connections = 2;
  expect((await metrics.render()).text).toContain('connections{service="one"} 2\n');
});
