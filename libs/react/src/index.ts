'use client';

export type { JobSummary } from './job-list.ts';
export { MissingProviderError, ProgenyProvider, useProgenyClient } from './progeny-provider.tsx';
export { useConnection } from './use-connection.ts';
export { useJobEvents } from './use-job-events.ts';
export { useJobProgress } from './use-job-progress.ts';
export { useJobs } from './use-jobs.ts';
