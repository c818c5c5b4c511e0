import type { RequestHandlers } from '@progeny/event-bus';
import { type CallerStore, StoreError } from '@progeny/job-store';
import type { JobService } from './job-service.ts';
import { toChildReport, toProgressReport } from './report-input.ts';

/**
 * Claim, report, heartbeat and progress for workers, in batches, the same over the bus and over HTTP; and for
 * operators, who come by the bus alone, commands and `explain`. Whoever reaches the bus is trusted: nobody is asked
 * who they are, and every job of every tenant is within reach; over HTTP those of the worker's own tenant are.
 */
export const createWorkerHandlers = (jobs: JobService, store: CallerStore): RequestHandlers => ({
  claim: ({ worker_id, job_types, limit, lease_ms }) =>
    jobs.claim({ workerId: worker_id, jobTypes: job_types, limit, leaseMs: lease_ms }),
  report: async ({ reports }) => ({ reports: await jobs.report(reports.map(toChildReport)) }),
  heartbeat: ({ children, lease_ms }) =>
    store.heartbeat(
      children.map((child) => ({ jobId: child.job_id, attempt: child.attempt })),
      lease_ms,
    ),
  progress: async ({ reports }) => ({ outcomes: await jobs.progress(reports.map(toProgressReport)) }),
  command: async ({ job_id: jobId, command }) => {
    const owner = (await store.findOwners([jobId])).get(jobId);
    if (!owner) throw new StoreError('job_not_found', `there is no job ${jobId}`);
    await jobs.command({ owner, jobId, command });
    const job = await store.getJob(jobId);
    return { job_id: jobId, status: job?.status ?? null };
  },
  explain: ({ job_id }) => store.explain(job_id),
});
