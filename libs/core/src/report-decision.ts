import type { ChildStatus, ReportedStatus, ReportOutcome } from '@progeny/contract';
import { type ChildState, decideTransition } from './child-transition.ts';
import { hasTriesLeft } from './retry.ts';

export interface ReportedTry {
  status: ReportedStatus;
  attempt: number;
  /** A failure that may pass. */
  retryable?: boolean | undefined;
}

/** What a report is decided on. */
export interface TriedChild extends ChildState {
  /** The attempt before the first of this run. */
  runBase: number;
}

export type ReportDecision =
  | { outcome: 'applied' | 'retrying'; to: ChildStatus }
  | { outcome: Exclude<ReportOutcome, 'applied' | 'retrying' | 'unknown_job'> };

/**
 * `decideTransition` for a report: a retryable failure with attempts left leads back to `pending`. The same failure
 * again finds the child pending in that very attempt, and is a duplicate.
 */
export function decideReport(child: TriedChild, reported: ReportedTry): ReportDecision {
  const retries =
    reported.status === 'failed' && reported.retryable === true && hasTriesLeft(child, reported.attempt);
  if (retries && child.status === 'pending' && reported.attempt === child.attempt) {
    return { outcome: 'duplicate' };
  }
  const decision = decideTransition(child, reported);
  if (decision !== 'apply') return { outcome: decision };
  return retries ? { outcome: 'retrying', to: 'pending' } : { outcome: 'applied', to: reported.status };
}
