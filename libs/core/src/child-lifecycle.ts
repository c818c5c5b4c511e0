import type { JobError, JobStatusChange, LifecycleEvent } from '@progeny/contract';
import { assertNever } from './assert-never.ts';
import { isEnded } from './child-transition.ts';

/** What a child's lifecycle is derived from: nothing of it is stored beside the child's own row. */
export interface ChildFacts
  extends Pick<JobStatusChange, 'job_id' | 'parent_id' | 'job_type' | 'run' | 'error'> {
  result?: Record<string, unknown> | null | undefined;
}

/** A run has two events: its start, and its end. */
const EVENTS_OF_A_RUN = 2;

/** The `seq` of the last lifecycle event of a child in this status. */
export const childSeq = ({
  run,
  status,
  started,
}: {
  run: number;
  status: string;
  started: boolean;
}): number => EVENTS_OF_A_RUN * (run - 1) + (isChildEnd(status) ? 2 : started ? 1 : 0);

/** JOB_STARTED of the child's present run. */
export const childStarted = (child: ChildFacts, timestamp: string): LifecycleEvent => ({
  type: 'JOB_STARTED',
  payload: baseOf(child, EVENTS_OF_A_RUN * child.run - 1),
  timestamp,
});

/** The terminal event of the child's present run. What policy skipped is complete, and its result says why. */
export function childEnded(child: ChildFacts, status: EndedStatus, timestamp: string): LifecycleEvent {
  const base = baseOf(child, EVENTS_OF_A_RUN * child.run);
  switch (status) {
    case 'completed':
      return { type: 'JOB_COMPLETED', payload: { ...base, result: child.result ?? {} }, timestamp };
    case 'skipped':
      return {
        type: 'JOB_COMPLETED',
        payload: { ...base, result: { ...child.result, skipped: child.error?.error_code ?? 'skipped' } },
        timestamp,
      };
    case 'failed':
      return { type: 'JOB_FAILED', payload: { ...base, error: child.error ?? NO_REASON }, timestamp };
    case 'cancelled':
      return { type: 'JOB_CANCELLED', payload: base, timestamp };
    default:
      return assertNever(status);
  }
}

/**
 * The lifecycle events of one change of a child's status. A try that follows another within a run begins and ends
 * nothing.
 */
export function childLifecycleOf(
  change: JobStatusChange,
  { result, timestamp }: { result?: Record<string, unknown> | undefined; timestamp: string },
): LifecycleEvent[] {
  const { job_id, parent_id, job_type, run, error, to } = change;
  const child = { job_id, parent_id, job_type, run, error, result };
  const events: LifecycleEvent[] = [];
  if (change.starts_run) events.push(childStarted(child, timestamp));
  if (to !== null && isChildEnd(to)) events.push(childEnded(child, to, timestamp));
  return events;
}

export type EndedStatus = 'completed' | 'failed' | 'cancelled' | 'skipped';

export const isChildEnd = (status: string): status is EndedStatus =>
  status !== 'paused' && isEnded(status as Parameters<typeof isEnded>[0]);

const baseOf = ({ job_id, parent_id, job_type }: ChildFacts, seq: number) => ({
  job_id,
  parent_id,
  operation_type: job_type,
  seq,
});

const NO_REASON: JobError = {
  error_code: 'unknown',
  user_message: 'It failed, and nobody said why.',
  technical_detail: '',
};
