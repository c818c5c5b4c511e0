import { REMEMBERED_JOBS_MAX } from './job-ledger.ts';
import type { ParentJobProgress } from './wire.ts';

export interface ProgressCache {
  /** True when the snapshot was newer than what is known of its job. Whatever is not newer changes nothing. */
  accept(progress: ParentJobProgress): boolean;
  get(jobId: string): ParentJobProgress | undefined;
  entries(): ReadonlyMap<string, ParentJobProgress>;
  /** What is shown stays, until anything comes of it: versions are of another database now. */
  doubt(): void;
}

/**
 * The newest snapshot of each job, for whoever shows it. Sources may be as many, as late and in whatever order they
 * like: the version decides, so after a terminal snapshot nothing older can reopen a job. Of the jobs that `keep` does
 * not name, those that were silent longest are forgotten first.
 */
export function createProgressCache({ keep }: { keep: (jobId: string) => boolean }): ProgressCache {
  const newest = new Map<string, ParentJobProgress>();
  const doubted = new Set<string>();

  const forgetOldest = (): void => {
    for (const jobId of newest.keys()) {
      if (newest.size <= REMEMBERED_JOBS_MAX) return;
      if (!keep(jobId)) newest.delete(jobId);
    }
  };

  return {
    accept: (progress) => {
      const known = newest.get(progress.job_id);
      const isTrusted = !doubted.delete(progress.job_id);
      if (known && isTrusted && progress.version <= known.version) return false;
      // Taken out first, so that the map's order is the order of the last change.
      newest.delete(progress.job_id);
      newest.set(progress.job_id, progress);
      if (newest.size > REMEMBERED_JOBS_MAX) forgetOldest();
      return true;
    },
    get: (jobId) => newest.get(jobId),
    entries: () => new Map(newest),
    doubt: () => {
      for (const jobId of newest.keys()) doubted.add(jobId);
    },
  };
}
