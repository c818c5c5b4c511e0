import { pageResultSchema, type ReportOutcome } from '@progeny/contract';
import type { Metrics } from '@progeny/kit';
import type { Worker } from '@progeny/worker';
import type { Visit } from './crawl/visit-page.ts';

export interface WorkerMetrics {
  /** Takes the time of a visit. */
  visit(run: () => Promise<Visit>): Promise<Visit>;
  visited(visit: Visit): void;
  reported(outcome: ReportOutcome): void;
}

const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

export function createWorkerMetrics(metrics: Metrics, worker: Worker): WorkerMetrics {
  const pages = metrics.counter('crawl_pages_total', 'Pages visited, by status and error code', [
    'status',
    'code',
  ]);
  const bytes = metrics.counter('crawl_bytes_total', 'Bytes of the pages read, after decompression');
  const reports = metrics.counter('crawl_reports_total', 'Reports, by what became of them', ['outcome']);
  const seconds = metrics.histogram('crawl_visit_seconds', 'Time of a visit, robots.txt included', SECONDS);
  metrics.gauge('crawl_pages_in_hand', 'Pages claimed and not yet visited', () => worker.inHand);
  metrics.gauge(
    'crawl_reports_waiting',
    'Reports that the manager has not confirmed',
    () => worker.reportsWaiting,
  );
  metrics.countOf(
    'crawl_progress_lost_total',
    'Reports of progress that the manager was not there for, or refused',
    () => worker.counters.progressLost,
  );
  return {
    async visit(run) {
      const stop = seconds.startTimer();
      try {
        return await run();
      } finally {
        stop();
      }
    },
    visited({ status, error, result }) {
      pages.inc({ status, code: error?.error_code ?? 'none' });
      bytes.inc(sizeOf(result));
    },
    reported: (outcome) => reports.inc({ outcome }),
  };
}

const sizeOf = (result: Visit['result']): number => {
  const page = pageResultSchema.safeParse(result);
  return page.success ? page.data.size_bytes : 0;
};
