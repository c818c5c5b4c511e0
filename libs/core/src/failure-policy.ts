import type { FailurePolicy } from '@progeny/contract';
import { type Counts, endedOf, totalOf } from './counts.ts';

/** Children that have to have ended before a share of them says anything. */
const SHARE_COUNTS_FROM = 20;

/**
 * Whether more children have failed than the parent allows. Looked at when one has just failed, and at the last, when
 * no more of them will end: failures from before a retry do not stop what was retried.
 */
export function isPolicyBroken(
  policy: FailurePolicy,
  counts: Counts,
  { hasNewFailure, isLast }: { hasNewFailure: boolean; isLast: boolean },
): boolean {
  if (!hasNewFailure && !isLast) return false;
  if (policy === 'continue') return false;
  if (policy === 'fail_fast') return counts.failed > 0;
  const { max_failed: most } = policy;
  if (typeof most === 'number') return counts.failed > most;
  const ended = isLast ? totalOf(counts) : endedOf(counts);
  if (!isLast && ended < SHARE_COUNTS_FROM) return false;
  return counts.failed > (ended * Number.parseFloat(most)) / 100;
}
