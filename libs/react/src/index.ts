'use client';

export type { CommandState } from './commander.ts';
export type { JobSummary } from './job-list.ts';
export { MissingProviderError, ProgenyProvider, useProgenyClient } from './progeny-provider.tsx';
export { useChildProgress } from './use-child-progress.ts';
export { useCommand } from './use-command.ts';
export { useConnection } from './use-connection.ts';
export { useJobEvents } from './use-job-events.ts';
export { type JobLogState, useJobLog } from './use-job-log.ts';
export { useJobProgress } from './use-job-progress.ts';
export { type JobSteps, useJobSteps } from './use-job-steps.ts';
export { useJobs } from './use-jobs.ts';
