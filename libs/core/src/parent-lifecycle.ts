import type { JobError, LifecycleEvent, ParentJobProgress, ParentStatus } from '@progeny/contract';
import { isParentEnded } from './parent-status.ts';

export interface ParentStep {
  operationType: string;
  /** The `seq` of the last event recorded; 0 before the first. */
  lastSeq: number;
  from: ParentStatus;
  /** As in `ParentFacts`. */
  reopened: boolean;
  /** The state after the step. */
  progress: ParentJobProgress;
  /** Why it has failed, if it has: `failureOf`. */
  error: JobError | null;
  timestamp: string;
}

/**
 * The events that a step of a parent adds to its lifecycle: JOB_STARTED first, once when its work begins or it
 * ends without and again when a retry reopens it, and one terminal event each time that it ends.
 */
export function lifecycleOf({
  operationType,
  lastSeq,
  from,
  reopened,
  progress,
  error,
  timestamp,
}: ParentStep): LifecycleEvent[] {
  const { status } = progress;
  const events: LifecycleEvent[] = [];
  const base = () => ({
    job_id: progress.job_id,
    parent_id: progress.parent_id,
    ...(progress.parent_id !== null && { is_parent: true as const }),
    operation_type: operationType,
    seq: lastSeq + events.length + 1,
  });
  const hasBegun = status !== 'pending' && status !== 'paused';
  if ((lastSeq === 0 && hasBegun) || reopened) {
    events.push({ type: 'JOB_STARTED', payload: base(), timestamp });
  }
  if (isParentEnded(from) && !reopened) return events;
  if (status === 'cancelled') events.push({ type: 'JOB_CANCELLED', payload: base(), timestamp });
  if (status === 'completed') {
    events.push({ type: 'JOB_COMPLETED', payload: { ...base(), result: resultOf(progress) }, timestamp });
  }
  if (error !== null) events.push({ type: 'JOB_FAILED', payload: { ...base(), error }, timestamp });
  return events;
}

const resultOf = (progress: ParentJobProgress) => ({
  total_children: progress.total_children,
  completed_children: progress.completed_children,
  failed_children: progress.failed_children,
  cancelled_children: progress.cancelled_children,
  skipped_children: progress.skipped_children,
});
