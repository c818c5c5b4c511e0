import { LIMITS } from '@progeny/contract';
import type { EventBus } from '@progeny/event-bus';
import type { PagePool } from './page-pool.ts';
import type { ReportQueue } from './report-queue.ts';

/** Keeps the claims on all that is in hand or waits to be reported, and lets go of what was lost. */
export async function sendHeartbeats({
  bus,
  leaseMs,
  pool,
  reports,
}: {
  bus: EventBus;
  leaseMs: number;
  pool: PagePool;
  reports: ReportQueue;
}): Promise<void> {
  const children = [...pool.children, ...reports.waiting].map(({ job_id, attempt }) => ({ job_id, attempt }));
  for (let start = 0; start < children.length; start += LIMITS.workerBatch) {
    const { lost } = await bus.request('heartbeat', {
      lease_ms: leaseMs,
      children: children.slice(start, start + LIMITS.workerBatch),
    });
    pool.abandon(lost);
    for (const jobId of lost) reports.forget(jobId);
  }
}
