import type { LifecycleEvent } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import type { Snapshot } from '@progeny/job-store';
import { Frame, type ProgressEvent } from './frame.ts';

export const isEnd = (event: LifecycleEvent): boolean => event.type !== 'JOB_STARTED';

/** The state in it, as the event that would have told it. */
export const stateIn = (snapshot: Snapshot, timestamp: string): ProgressEvent =>
  snapshot.kind === 'parent'
    ? { type: 'parent_job_progress', payload: snapshot.progress, timestamp }
    : { type: 'JOB_PROGRESS', payload: snapshot.progress, timestamp };

/** Whether nothing is to be told of the job before its next start. */
export const restsAt = (snapshot: Snapshot): boolean =>
  snapshot.kind === 'parent'
    ? isParentEnded(snapshot.progress.status)
    : snapshot.lifecycle.at(-1)?.type !== 'JOB_STARTED';

/** The end of a child that has ended: its progress alone does not say so, as that of a parent does. */
export function endIn({ kind, lifecycle }: Snapshot): LifecycleEvent | null {
  const last = lifecycle.at(-1);
  return kind === 'child' && last && isEnd(last) ? last : null;
}

/** What begins a reader's view of a job. */
export const framesOf = (snapshot: Snapshot, timestamp: string): { state: Frame; end: Frame | null } => {
  const end = endIn(snapshot);
  return { state: new Frame(stateIn(snapshot, timestamp)), end: end && new Frame(end) };
};
