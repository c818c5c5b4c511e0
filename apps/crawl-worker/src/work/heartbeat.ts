import { LIMITS } from '@progeny/contract';
import type { ManagerClient } from '../manager/manager-client.ts';
import type { PagePool } from './page-pool.ts';
import type { ReportQueue } from './report-queue.ts';

/** Keeps the claims on all that is in hand or waits to be reported, and lets go of what was lost. */
export async function sendHeartbeats({
  manager,
  leaseMs,
  pool,
  reports,
}: {
  manager: ManagerClient;
  leaseMs: number;
  pool: PagePool;
  reports: ReportQueue;
}): Promise<void> {
  const children = [...pool.children, ...reports.waiting].map(({ job_id, attempt }) => ({ job_id, attempt }));
  for (let start = 0; start < children.length; start += LIMITS.workerBatch) {
    const { lost } = await manager.request('heartbeat', {
      lease_ms: leaseMs,
      children: children.slice(start, start + LIMITS.workerBatch),
    });
    pool.abandon(lost);
    for (const jobId of lost) reports.forget(jobId);
  }
}
