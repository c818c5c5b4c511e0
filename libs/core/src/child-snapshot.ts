import type { ChildStatus, JobProgressEvent, LifecycleEvent } from '@progeny/contract';
import { type ChildFacts, childEnded, childSeq, childStarted, isChildEnd } from './child-lifecycle.ts';
import { type ChildProgressState, shownProgress } from './job-stage.ts';

/** A child's row. */
export interface ChildRecord extends ChildFacts {
  status: ChildStatus;
  version: number;
  progress: ChildProgressState;
  startedAt: Date | null;
  finishedAt: Date | null;
}

/** What a viewer of one child begins with. */
export interface ChildSnapshotParts {
  progress: JobProgressEvent['payload'];
  seq: number;
  /** Of the present run. */
  lifecycle: LifecycleEvent[];
}

export function toChildSnapshot(child: ChildRecord): ChildSnapshotParts {
  const { status, startedAt, finishedAt } = child;
  const startAt = startedAt ?? finishedAt;
  const lifecycle: LifecycleEvent[] = [];
  if (startAt) lifecycle.push(childStarted(child, startAt.toISOString()));
  if (finishedAt && isChildEnd(status)) lifecycle.push(childEnded(child, status, finishedAt.toISOString()));
  return {
    progress: toJobProgress(child),
    seq: childSeq({ run: child.run, status, started: startedAt !== null }),
    lifecycle,
  };
}

/** The payload of JOB_PROGRESS for a child as it stands. */
export const toJobProgress = ({
  job_id,
  parent_id,
  job_type,
  version,
  status,
  progress,
}: Omit<ChildRecord, 'startedAt' | 'finishedAt' | 'run'>): JobProgressEvent['payload'] => ({
  job_id,
  parent_id,
  operation_type: job_type,
  version,
  ...shownProgress(status, progress),
});
