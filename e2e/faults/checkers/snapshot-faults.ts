import type { ChildStatus, ParentJobProgress } from '@progeny/contract';
import { type Counts, isParentEnded } from '@progeny/core';

/** The statuses that a child never leaves again. */
export const ENDS = ['completed', 'failed', 'cancelled', 'skipped'] as const satisfies readonly ChildStatus[];

export const countsOf = (progress: ParentJobProgress): Counts => ({
  pending: progress.pending_children,
  running: progress.running_children,
  completed: progress.completed_children,
  failed: progress.failed_children,
  cancelled: progress.cancelled_children,
  skipped: progress.skipped_children,
});

/** What is wrong with one snapshot, whatever came before it. Written out here and not taken from the product. */
export function faultsOfSnapshot(progress: ParentJobProgress): string[] {
  const counts = countsOf(progress);
  const { pending, running, completed, failed } = counts;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const ended = isParentEnded(progress.status);
  const text = `${pending} pending, ${running} running, ${completed} completed, ${failed} failed`;
  const share = total === 0 ? 0 : Math.floor(((total - pending - running) * 100) / total);
  const percentage = ended ? 100 : Math.min(99, share);
  const faults: [boolean, string][] = [
    [total !== progress.total_children, `the buckets sum to ${total}, not ${progress.total_children}`],
    [Object.values(counts).some((count) => count < 0), 'a bucket is negative'],
    [progress.progress_text !== text, `the text is "${progress.progress_text}", not "${text}"`],
    [
      progress.progress_percentage !== percentage,
      `${progress.progress_percentage} % of a parent that is ${progress.status}, not ${percentage} %`,
    ],
    [ended && pending + running > 0, `${progress.status} with ${pending + running} children open`],
    [ended && !progress.sealed, `${progress.status} and not sealed`],
  ];
  return faults.filter(([isWrong]) => isWrong).map(([, what]) => what);
}

/** What went backwards from one snapshot of a job to a newer one. */
export function faultsOfStep(before: ParentJobProgress, after: ParentJobProgress): string[] {
  const [was, is] = [countsOf(before), countsOf(after)];
  const faults = ENDS.filter((status) => is[status] < was[status]).map(
    (status) => `${status} fell from ${was[status]} to ${is[status]}`,
  );
  if (after.total_children < before.total_children) {
    faults.push(`the total fell from ${before.total_children} to ${after.total_children}`);
  }
  if (before.sealed && !after.sealed) faults.push('the seal is gone');
  if (isParentEnded(before.status) && after.status !== before.status) {
    faults.push(`${before.status} became ${after.status}`);
  }
  return faults;
}
