import type { ParentStatus, ParentView } from '@progeny/contract';
import type { JobSummary } from '@progeny/react';
import type { LiveListState } from '../live/live-list.ts';

export interface ListStaleness {
  /** True when the live jobs tell of something that the list does not show. The same news counts once. */
  isStale(jobs: readonly JobSummary[], list: LiveListState<ParentView>): boolean;
}

/** Finds out when a list has to be read again: a job that it lacks, one whose status has changed, or one that is gone. */
export function createListStaleness(filter: ParentStatus | null): ListStaleness {
  const noticed = new Map<string, ParentStatus>();
  let known: ReadonlySet<string> = new Set();
  return {
    isStale: (jobs, { rows, isLoaded, hasMore }) => {
      if (!isLoaded) return false;
      const shown = new Map(rows.map((row) => [row.job_id, row.status]));
      const oldest = rows.at(-1)?.job_id ?? '';
      const live = new Set(jobs.map((job) => job.job_id));
      let isStale = [...known].some((jobId) => !live.has(jobId) && shown.has(jobId));
      known = live;
      for (const { job_id: jobId, status } of jobs) {
        const shownStatus = shown.get(jobId);
        const belongs = (filter === null || status === filter) && (!hasMore || jobId > oldest);
        const isNews = shownStatus === undefined ? belongs : shownStatus !== status;
        if (!isNews || noticed.get(jobId) === status) continue;
        noticed.set(jobId, status);
        isStale = true;
      }
      return isStale;
    },
  };
}
