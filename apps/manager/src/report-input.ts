import type { ProgressReport, WorkerReport } from '@progeny/contract';
import type { ChildProgressReport, ChildReport } from '@progeny/job-store';

type ReportInput = Pick<WorkerReport, 'job_id' | 'status' | 'attempt'> & Partial<WorkerReport>;

/** A report as it comes over HTTP or the bus, in the store's terms. */
export const toChildReport = ({
  job_id,
  status,
  attempt,
  error,
  result,
  ...more
}: ReportInput): ChildReport => ({
  jobId: job_id,
  status,
  attempt,
  ...(error && { error }),
  ...(result && { result }),
  ...(more.retryable && { retryable: true }),
  ...(more.text !== undefined && { text: more.text }),
  ...(more.children && more.children.length > 0 && { children: more.children }),
});

/** The same for progress. */
export const toProgressReport = ({
  job_id,
  attempt,
  progress,
  stage,
  label,
  events,
}: ProgressReport & { job_id: string }): ChildProgressReport => ({
  jobId: job_id,
  attempt,
  progress,
  stage,
  label,
  steps: events,
});
