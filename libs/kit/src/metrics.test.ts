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

test('what somebody else counts is a counter, and is read when it is asked for', async () => {
  const metrics = createMetrics({ service: 'one' });
  let unsent = 3;
  metrics.countOf('events_unsent_total', 'Events not sent', () => unsent);
  expect((await metrics.render()).text).toContain('# TYPE events_unsent_total counter\n');
  unsent = 5;
  expect((await metrics.render()).text).toContain('events_unsent_total{service="one"} 5\n');
});
