import type { ParentJobProgressEvent } from '@progeny/contract';
import { toParentJobProgress } from '@progeny/core';
import { stampOf } from './reading/update-stamp.ts';

const CHILDREN = 100_000;
const CHILDREN_PER_SECOND = 812.5;

/** An update of a job in the midst of its work, stamped with its time. */
export function updateOf(
  jobId: string,
  { number, microseconds }: { number: number; microseconds: number },
): ParentJobProgressEvent {
  const completed = Math.floor(microseconds / 1_000) % CHILDREN;
  return {
    type: 'parent_job_progress',
    payload: toParentJobProgress({
      jobId,
      parentId: null,
      version: stampOf(number, microseconds),
      status: 'running',
      sealed: true,
      counts: {
        pending: CHILDREN - completed,
        running: 64,
        completed,
        failed: 3,
        cancelled: 0,
        skipped: 12,
      },
      childrenPerSecond: CHILDREN_PER_SECOND,
      verifiedAt: new Date(0),
    }),
    timestamp: new Date().toISOString(),
  };
}
