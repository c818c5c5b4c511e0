import {
  type ChildStatus,
  type JobStatus,
  jobStatusSchema,
  type ParentStatus,
  type StopReason,
} from '@progeny/contract';
import { type Counts, openOf, totalOf } from './counts.ts';

export type { StopReason };

export interface ParentFacts {
  counts: Counts;
  /** No more children come. Stopping a parent seals it. */
  sealed: boolean;
  /** Its open children are being cancelled, for this reason. */
  stopped: StopReason | null;
  paused: boolean;
  /** Its failed children are being made pending again, batch after batch. */
  retrying: boolean;
  /**
   * It had ended, and is retrying or has changes of children to fold: only a retry moves children of an ended parent.
   * The retried ones may all have ended again before anybody folds.
   */
  reopened: boolean;
  /** It was sealed because nobody else did in time; see `seal_timeout`. */
  sealExpired: boolean;
}

/**
 * The one rule for a parent's status. A parent has ended when it is sealed and no child is pending or running, so
 * one without children ends when it is sealed; it ends once, unless a retry reopens it. Failed
 * children do not fail the parent unless nothing succeeded or its failure policy says so; a seal that never came does,
 * for nobody knows what is missing. One that has begun never goes back to pending, even while its only child waits for
 * another try. One that is stopped is no longer paused.
 */
export function nextParentStatus(
  before: ParentStatus,
  { counts, sealed, stopped, paused, retrying, reopened, sealExpired }: ParentFacts,
): ParentStatus {
  if (isParentEnded(before) && !reopened) return before;
  const isOpen = openOf(counts) > 0 || retrying;
  if (!sealed || isOpen) {
    if (paused && stopped === null) return 'paused';
    return before === 'pending' && totalOf(counts) === counts.pending ? 'pending' : 'running';
  }
  if (stopped !== null) return stopped === 'cancelled' ? 'cancelled' : 'failed';
  const nothingSucceeded = counts.failed > 0 && counts.completed + counts.skipped === 0;
  return sealExpired || nothingSucceeded ? 'failed' : 'completed';
}

export const isParentEnded = (status: ParentStatus): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled';

/** The bucket of a job in its parent's counts. A nested parent that is paused may have work that still runs. */
export const childStatusOf = (status: JobStatus): ChildStatus => (status === 'paused' ? 'running' : status);

/** The statuses of jobs that count in that bucket. */
export const statusesIn = (bucket: ChildStatus): JobStatus[] =>
  jobStatusSchema.options.filter((status) => childStatusOf(status) === bucket);
