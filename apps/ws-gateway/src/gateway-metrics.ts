import type { Metrics } from '@progeny/kit';

/** What operators are told of the gateway; the gauges are read when somebody asks. */
export function createGatewayMetrics(
  metrics: Metrics,
  gauges: { connections(): number; watchedJobs(): number; busSubscriptions(): number },
) {
  metrics.gauge('connections', 'Open client connections', gauges.connections);
  metrics.gauge('watched_jobs', 'Jobs that somebody watches by name', gauges.watchedJobs);
  metrics.gauge('bus_subscriptions', 'What is subscribed to on the bus', gauges.busSubscriptions);
  return {
    backstopDelivered: metrics.counter(
      'backstop_delivered_total',
      'Events that the backup poll delivered because the bus had not',
    ),
    forwarded: metrics.counter('events_forwarded_total', 'Events that were news', ['type']),
    conflated: metrics.counter(
      'frames_conflated_total',
      'Frames left out for a reader that was behind, since a newer one took their place',
    ),
    closed: metrics.counter('connections_closed_total', 'Connections that ended, by close code', ['code']),
    refused: metrics.counter('connections_refused_total', 'Connections that were not let in', ['reason']),
  };
}
