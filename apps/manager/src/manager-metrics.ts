import type { JobStatusChange } from '@progeny/contract';
import type { EventBus } from '@progeny/event-bus';
import type { Metrics } from '@progeny/kit';

/** Told what happens to jobs, so that it is counted. */
export interface ManagerCounts {
  onChanges(written: readonly JobStatusChange[]): void;
  /** An event was not of the shape that its topic has, and was not sent. */
  onRefused(): void;
  /** So many reports of progress were not stored. */
  onLost(reason: 'full' | 'store', reports: number): void;
}

/** What the manager counts. */
export function createManagerMetrics(metrics: Metrics, bus: EventBus): ManagerCounts {
  const changes = metrics.counter('job_status_changes_total', 'Status changes written, by new status', [
    'to',
  ]);
  metrics.countOf(
    'events_unsent_total',
    'Events not sent because the bus was away',
    () => bus.counters.unsent,
  );
  const refused = metrics.counter('events_refused_total', 'Events not sent: not of the shape of their topic');
  const lost = metrics.counter('progress_lost_total', 'Reports of progress that were not stored, by reason', [
    'reason',
  ]);
  return {
    onChanges(written) {
      for (const { to } of written) changes.inc({ to: to ?? 'deleted' });
    },
    onRefused: () => refused.inc(),
    onLost: (reason, reports) => lost.inc({ reason }, reports),
  };
}
