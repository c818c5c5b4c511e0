import type { LifecycleEvent, ParentJobProgress } from '@progeny/contract';

/** Jobs that the cache remembers. Beyond it the one that has been silent longest is forgotten. */
export const CACHED_JOBS_MAX = 5_000;

export interface ProgressCache {
  /** True when the snapshot was newer than what is known of its job. Whatever is not newer changes nothing. */
  accept(progress: ParentJobProgress): boolean;
  /** True when the event has not been seen: `seq` only rises within one job. */
  acceptLifecycle(event: LifecycleEvent): boolean;
  get(jobId: string): ParentJobProgress | undefined;
  entries(): ReadonlyMap<string, ParentJobProgress>;
}

/**
 * The newest snapshot of each job. Sources may be as many, as late and in whatever order they like: the version
 * decides, so after a terminal snapshot nothing older can reopen a job.
 */
export function createProgressCache({ keep }: { keep: (jobId: string) => boolean }): ProgressCache {
  const newest = new Map<string, ParentJobProgress>();
  const lastSeq = new Map<string, number>();

  const forgetOldest = (): void => {
    for (const jobId of newest.keys()) {
      if (newest.size <= CACHED_JOBS_MAX) return;
      if (!keep(jobId)) newest.delete(jobId);
    }
  };

  return {
    accept: (progress) => {
      const known = newest.get(progress.job_id);
      if (known && progress.version <= known.version) return false;
      // Taken out first, so that the map's order is the order of the last change.
      newest.delete(progress.job_id);
      newest.set(progress.job_id, progress);
      if (newest.size > CACHED_JOBS_MAX) forgetOldest();
      return true;
    },
    acceptLifecycle: ({ payload: { job_id, seq } }) => {
      if (seq <= (lastSeq.get(job_id) ?? 0)) return false;
      lastSeq.delete(job_id);
      lastSeq.set(job_id, seq);
      if (lastSeq.size > CACHED_JOBS_MAX) {
        for (const oldest of lastSeq.keys()) {
          lastSeq.delete(oldest);
          break;
        }
      }
      return true;
    },
    get: (jobId) => newest.get(jobId),
    entries: () => new Map(newest),
  };
}
