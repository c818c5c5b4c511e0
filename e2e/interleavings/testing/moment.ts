import type { ParentJobProgress } from '@progeny/contract';
import type { MemoryState } from '@progeny/job-store';

export type ParentRow = NonNullable<ReturnType<MemoryState['parents']['get']>>;

export const BUCKETS = ['pending', 'running', 'completed', 'failed', 'cancelled', 'skipped'] as const;
export type Buckets = Record<(typeof BUCKETS)[number], number>;
export const ENDS = ['completed', 'failed', 'cancelled'];
const TERMINAL = ['JOB_COMPLETED', 'JOB_FAILED', 'JOB_CANCELLED'];

/** What anybody may know of a parent: its buckets, whether more may come, and whether failed ones are opened again. */
export interface Moment extends Buckets {
  sealed: boolean;
  retrying: boolean;
}

export const isTerminal = (type: string): boolean => TERMINAL.includes(type);

const isClosed = ({ sealed, pending, running }: Moment): boolean => sealed && pending + running === 0;
export const isOver = (moment: Moment): boolean => isClosed(moment) && !moment.retrying;

/** Two moments of one name show the same: that a parent is being retried shows where it would be over without. */
export const nameOf = (moment: Moment): string =>
  [
    ...BUCKETS.map((bucket) => moment[bucket]),
    moment.sealed,
    isClosed(moment) && moment.retrying ? 'retrying' : '',
  ]
    .join(' ')
    .trim();

/** Closed counts in this status say that a retry opened it. One that is just born may be closed before its first fold. */
export const isOpenStatus = (status: string): boolean => !ENDS.includes(status) && status !== 'pending';

/** What a snapshot shows. */
export const momentOf = (progress: ParentJobProgress): Moment => ({
  pending: progress.pending_children,
  running: progress.running_children,
  completed: progress.completed_children,
  failed: progress.failed_children,
  cancelled: progress.cancelled_children,
  skipped: progress.skipped_children,
  sealed: progress.sealed,
  retrying: isOpenStatus(progress.status),
});

/** What the rows show: a walk over all children. */
export function momentOfRows(state: MemoryState, parent: ParentRow): Moment {
  const moment = { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0, skipped: 0 };
  for (const { parentId, status } of state.children.values()) {
    if (parentId === parent.id) moment[status] += 1;
  }
  return { ...moment, sealed: parent.sealedAt !== null, retrying: parent.retryRequestedAt !== null };
}

/** The rule for the end once more, by somebody who has not read it. */
export function endOf({ stop, sealExpired }: ParentRow, { completed, skipped, failed }: Moment): string {
  if (stop) return stop.reason === 'cancelled' ? 'cancelled' : 'failed';
  if (sealExpired) return 'failed';
  return failed > 0 && completed === 0 && skipped === 0 ? 'failed' : 'completed';
}

/** Whether more has failed at the end than the parent allows, by somebody who has not read that rule either. */
export function isBeyondPolicy({ failurePolicy }: ParentRow, moment: Moment): boolean {
  const total = BUCKETS.reduce((sum, bucket) => sum + moment[bucket], 0);
  if (failurePolicy === 'continue') return false;
  if (failurePolicy === 'fail_fast') return moment.failed > 0;
  const { max_failed: most } = failurePolicy;
  return moment.failed > (typeof most === 'number' ? most : (total * Number.parseFloat(most)) / 100);
}
