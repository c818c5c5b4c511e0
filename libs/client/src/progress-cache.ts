import { REMEMBERED_JOBS_MAX } from './job-ledger.ts';

/** What a version orders. */
interface Versioned {
  job_id: string;
  version: number;
}

export interface ProgressCache<State extends Versioned> {
  /** True when the snapshot was newer than what is known of its job. Whatever is not newer changes nothing. */
  accept(progress: State): boolean;
  /** What is known of it otherwise, of the version that stands there. */
  put(progress: State): void;
  forget(jobId: string): boolean;
  get(jobId: string): State | undefined;
  entries(): ReadonlyMap<string, State>;
  /** What is shown stays, until anything comes of it: versions are of another database now. */
  doubt(): void;
}

/**
 * The newest snapshot of each job, for whoever shows it. Sources may be as many, as late and in whatever order they
 * like: the version decides, so after a terminal snapshot nothing older can reopen a job, and a retry, which is newer, does. Of the jobs that `keep` does
 * not name, those that were silent longest are forgotten first.
 */
export function createProgressCache<State extends Versioned>({
  keep,
}: {
  keep: (jobId: string) => boolean;
}): ProgressCache<State> {
  const newest = new Map<string, State>();
  const doubted = new Set<string>();

  const forgetOldest = (): void => {
    for (const jobId of newest.keys()) {
      if (newest.size <= REMEMBERED_JOBS_MAX) return;
      if (!keep(jobId)) newest.delete(jobId);
    }
  };

  const put = (progress: State): void => {
    // Taken out first, so that the map's order is the order of the last change.
    newest.delete(progress.job_id);
    newest.set(progress.job_id, progress);
    if (newest.size > REMEMBERED_JOBS_MAX) forgetOldest();
  };

  return {
    put,
    forget: (jobId) => newest.delete(jobId),
    accept: (progress) => {
      const known = newest.get(progress.job_id);
      const isTrusted = !doubted.delete(progress.job_id);
      if (known && isTrusted && progress.version <= known.version) return false;
      put(progress);
      return true;
    },
    get: (jobId) => newest.get(jobId),
    entries: () => new Map(newest),
    doubt: () => {
      for (const jobId of newest.keys()) doubted.add(jobId);
    },
  };
}
