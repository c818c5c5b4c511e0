import type { JobError, ParentJobProgress } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import { useJobEvents } from '@progeny/react';
import { useState } from 'react';

export interface Ending {
  /** Why it failed, when the event said so. */
  error: JobError | null;
}

/**
 * Not null once the job has ended before the viewer's eyes: told by its lifecycle event or, when that was missed, by
 * the snapshots. A job that had ended before is no news.
 */
export function useEnding({ job_id: jobId, status }: ParentJobProgress): Ending | null {
  const hasEnded = isParentEnded(status);
  const [wasOpen, setWasOpen] = useState(!hasEnded);
  const [error, setError] = useState<JobError | null>(null);
  if (!hasEnded && !wasOpen) setWasOpen(true);
  useJobEvents(jobId, (event) => {
    if (event.type === 'JOB_FAILED') setError(event.payload.error);
    // What was retried has another ending.
    if (event.type === 'JOB_STARTED') setError(null);
  });
  return hasEnded && wasOpen ? { error } : null;
}
