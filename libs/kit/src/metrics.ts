import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** The metrics of one service. Several may live in one process, each with its own registry. */
export interface Metrics {
  counter<Label extends string>(name: string, help: string, labels?: readonly Label[]): Counter<Label>;
  /** A counter that somebody else counts; `read` gives what it has come to, and never less than before. */
  countOf(name: string, help: string, read: () => number): void;
  gauge(name: string, help: string, read?: () => number): Gauge;
  /** `bucketsSeconds` are upper bounds in seconds. */
  histogram(name: string, help: string, bucketsSeconds: readonly number[]): Histogram;
  /** All of it in the Prometheus text format. */
  render(): Promise<{ contentType: string; text: string }>;
}

export function createMetrics({ service }: { service: string }): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    counter: (name, help, labels = []) => new Counter({ name, help, labelNames: [...labels], registers }),
    countOf(name, help, read) {
      const counter: Counter = new Counter({
        name,
        help,
        registers,
        collect() {
          counter.reset();
          counter.inc(read());
        },
      });
    },
    gauge(name, help, read) {
      const gauge: Gauge = new Gauge({
        name,
        help,
        registers,
        ...(read && { collect: () => gauge.set(read()) }),
      });
      return gauge;
    },
    histogram: (name, help, bucketsSeconds) =>
      new Histogram({ name, help, buckets: [...bucketsSeconds], registers }),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
