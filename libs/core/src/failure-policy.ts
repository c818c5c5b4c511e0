import type { FailurePolicy } from '@progeny/contract';
import { type Counts, endedOf, totalOf } from './counts.ts';

/** Children that have to have ended before a share of them says anything. */
const SHARE_COUNTS_FROM = 20;

/** Whether more children have failed than the parent allows. `isLast`: no more of them will end. */
export function isPolicyBroken(
  policy: FailurePolicy,
  counts: Counts,
  { isLast }: { isLast: boolean },
): boolean {
  if (policy === 'continue') return false;
  if (policy === 'fail_fast') return counts.failed > 0;
  const { max_failed: most } = policy;
  if (typeof most === 'number') return counts.failed > most;
  const ended = isLast ? totalOf(counts) : endedOf(counts);
  if (!isLast && ended < SHARE_COUNTS_FROM) return false;
  return counts.failed > (ended * Number.parseFloat(most)) / 100;
}
