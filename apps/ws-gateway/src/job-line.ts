import type { LifecycleEvent, ParentJobProgressEvent } from '@progeny/contract';

export type JobEvent = ParentJobProgressEvent | LifecycleEvent;

/**
 * What has been seen of one job's events, and so what is news: a progress only if its version is higher than any
 * before, a lifecycle event only if its `seq` is.
 */
export interface JobLine {
  isNews(event: JobEvent): boolean;
  take(event: JobEvent): void;
}

export function createJobLine(): JobLine {
  let version = 0;
  let seq = 0;
  return {
    isNews: (event) =>
      event.type === 'parent_job_progress' ? event.payload.version > version : event.payload.seq > seq,
    take(event) {
      if (event.type === 'parent_job_progress') version = Math.max(version, event.payload.version);
      else seq = Math.max(seq, event.payload.seq);
    },
  };
}
