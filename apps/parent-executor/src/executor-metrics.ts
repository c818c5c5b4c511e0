import type { EventBus } from '@progeny/event-bus';
import type { Metrics } from '@progeny/kit';

export function createExecutorMetrics(metrics: Metrics, bus: EventBus) {
  metrics.countOf(
    'events_unsent_total',
    'Events not sent because the bus was away',
    () => bus.counters.unsent,
  );
  return {
    foldSeconds: metrics.histogram(
      'fold_seconds',
      'Time that one batch of folds took',
      [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    ),
    foldLag: metrics.histogram(
      'fold_lag_seconds',
      'How long the oldest change that a fold counted had stood',
      [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    ),
    drift: metrics.counter(
      'progress_drift_total',
      'Parents whose counts an audit had to correct; must stay 0',
    ),
    backstopDelivered: metrics.counter(
      'backstop_delivered_total',
      'Parents that the poll found changed without an event having told',
    ),
  };
}
