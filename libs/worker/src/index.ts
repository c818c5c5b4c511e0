export { createWorker } from './create-worker.ts';
export type { ChildInput, Job, JobError, JobHandler, JobResult, PipelineStep } from './job.ts';
export { type AbortCode, JobAborted } from './job-aborted.ts';
export { JobFailure, type JobFailureOptions } from './job-failure.ts';
export type { Worker, WorkerCounters, WorkerLog, WorkerOptions } from './worker.ts';
export { WorkerOptionsError } from './worker-options-error.ts';
