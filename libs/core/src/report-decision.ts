import type { ChildStatus, ReportedStatus, ReportOutcome } from '@progeny/contract';
import { type ChildState, decideTransition } from './child-transition.ts';
import { MAX_ATTEMPTS } from './retry.ts';

export interface ReportedTry {
  status: ReportedStatus;
  attempt: number;
  /** A failure that may pass. */
  retryable?: boolean | undefined;
}

export type ReportDecision =
  | { outcome: 'applied' | 'retrying'; to: ChildStatus }
  | { outcome: Exclude<ReportOutcome, 'applied' | 'retrying' | 'unknown_job'> };

/**
 * `decideTransition` for a report: a retryable failure with attempts left leads back to `pending`. The same failure
 * again finds the child pending in that very attempt, and is a duplicate.
 */
export function decideReport(child: ChildState, reported: ReportedTry): ReportDecision {
  const retries =
    reported.status === 'failed' && reported.retryable === true && reported.attempt < MAX_ATTEMPTS;
  if (retries && child.status === 'pending' && reported.attempt === child.attempt) {
    return { outcome: 'duplicate' };
  }
  const decision = decideTransition(child, reported);
  if (decision !== 'apply') return { outcome: decision };
  return retries ? { outcome: 'retrying', to: 'pending' } : { outcome: 'applied', to: reported.status };
}
