import type { ParentJobProgress } from '@progeny/contract';
import { toParentJobProgress, zeroCounts } from '@progeny/core';

/** A parent in that version. */
export const progressOf = (jobId: string, version: number): ParentJobProgress =>
  toParentJobProgress({
    jobId,
    parentId: null,
    version,
    status: 'running',
    sealed: true,
    counts: { ...zeroCounts, running: 1 },
    childrenPerSecond: 0,
    verifiedAt: null,
  });
