import type { RequestHandlers } from '@progeny/event-bus';
import type { JobStore } from '@progeny/job-store';
import type { JobService } from './job-service.ts';
import { toChildReport } from './report-input.ts';

/**
 * Claim, report and heartbeat for workers, in batches, the same over the bus and over HTTP; and `explain` for whoever
 * wonders.
 */
export const createWorkerHandlers = (jobs: JobService, store: JobStore): RequestHandlers => ({
  claim: ({ worker_id, job_types, limit, lease_ms }) =>
    jobs.claim({ workerId: worker_id, jobTypes: job_types, limit, leaseMs: lease_ms }),
  report: async ({ reports }) => ({ reports: await jobs.report(reports.map(toChildReport)) }),
  heartbeat: ({ children, lease_ms }) =>
    store.heartbeat(
      children.map((child) => ({ jobId: child.job_id, attempt: child.attempt })),
      lease_ms,
    ),
  explain: ({ job_id }) => store.explain(job_id),
});
