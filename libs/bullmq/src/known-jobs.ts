import type { ParentReporter } from '@progeny/reporter';

/** What was told of a job, and what was heard of it. */
export interface KnownJob {
  parent: ParentReporter;
  key: string;
  attempt: number;
  /** The last status and its attempt. */
  told: string;
  hasEnded: boolean;
  /** How often the attached worker began with it, and how often the queue said that somebody did. */
  ownStarts: number;
  queueStarts: number;
}

export interface KnownJobs {
  get(jobId: string): KnownJob | undefined;
  set(jobId: string, job: KnownJob): void;
  delete(jobId: string): void;
  clear(): void;
}

/** The newest; of an older one the queue is asked again. */
const KNOWN_MAX = 50_000;

export function createKnownJobs(): KnownJobs {
  const jobs = new Map<string, KnownJob>();
  return {
    get: (jobId) => jobs.get(jobId),
    set(jobId, job) {
      jobs.delete(jobId);
      jobs.set(jobId, job);
      if (jobs.size <= KNOWN_MAX) return;
      const [oldest] = jobs.keys();
      if (oldest !== undefined) jobs.delete(oldest);
    },
    delete: (jobId) => void jobs.delete(jobId),
    clear: () => jobs.clear(),
  };
}
