import type { ChildStatus } from '@progeny/contract';

/**
 * Where a report, a claim, a lease or a cancel may lead a child. `pending` straight to an end is legal, since a worker
 * outside may report only the end, or its reports may overtake one another. Out of an end leads a retry alone.
 */
export const CHILD_TRANSITIONS: Readonly<Record<ChildStatus, readonly ChildStatus[]>> = {
  pending: ['running', 'completed', 'failed', 'cancelled', 'skipped'],
  running: ['pending', 'completed', 'failed', 'cancelled', 'skipped'],
  completed: [],
  failed: [],
  cancelled: [],
  skipped: [],
};

export const isEnded = (status: ChildStatus): boolean => CHILD_TRANSITIONS[status].length === 0;

export interface ChildState {
  status: ChildStatus;
  /** Which try the child is in; 0 before the first. */
  attempt: number;
}

export type Decision = 'apply' | 'duplicate' | 'stale_attempt' | 'illegal_transition';

/**
 * What a report does to a child. The same report twice is a duplicate; an older attempt never wins over a newer
 * one; the first end wins over any later.
 */
export function decideTransition(child: ChildState, reported: ChildState): Decision {
  if (reported.attempt < child.attempt) return 'stale_attempt';
  if (reported.status === child.status) {
    const newerAttemptRuns = reported.attempt > child.attempt && !isEnded(child.status);
    return newerAttemptRuns ? 'apply' : 'duplicate';
  }
  return CHILD_TRANSITIONS[child.status].includes(reported.status) ? 'apply' : 'illegal_transition';
}
