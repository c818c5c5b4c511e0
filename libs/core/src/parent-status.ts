import type { ParentStatus } from '@progeny/contract';
import { type Counts, openOf, totalOf } from './counts.ts';

export interface ParentFacts {
  counts: Counts;
  /** No more children come. Cancelling a parent seals it. */
  sealed: boolean;
  cancelRequested: boolean;
  /** It was sealed because nobody else did in time; see `seal_timeout`. */
  sealExpired: boolean;
}

/**
 * The one rule for a parent's status. A parent has ended when it is sealed and no child is pending or running, so
 * one without children ends when it is sealed; it ends once. Failed children do not fail the parent unless nothing
 * succeeded; a seal that never came does, for nobody knows what is missing. One that has begun never goes back to
 * pending, even while its only child waits for another try.
 */
export function nextParentStatus(
  before: ParentStatus,
  { counts, sealed, cancelRequested, sealExpired }: ParentFacts,
): ParentStatus {
  if (isParentEnded(before)) return before;
  if (!sealed || openOf(counts) > 0) {
    return before === 'pending' && totalOf(counts) === counts.pending ? 'pending' : 'running';
  }
  if (cancelRequested) return 'cancelled';
  const nothingSucceeded = counts.failed > 0 && counts.completed + counts.skipped === 0;
  return sealExpired || nothingSucceeded ? 'failed' : 'completed';
}

export const isParentEnded = (status: ParentStatus): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled';
