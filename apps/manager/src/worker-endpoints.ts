import type { EventBus, Subscription } from '@progeny/event-bus';
import type { JobStore } from '@progeny/job-store';
import type { JobService } from './job-service.ts';
import { toChildReport } from './report-input.ts';

/** Claim, report and heartbeat for workers, in batches, over the bus; and `explain` for whoever wonders. */
export const serveWorkers = (bus: EventBus, jobs: JobService, store: JobStore): Subscription =>
  bus.serve({
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
