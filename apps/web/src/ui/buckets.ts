import type { ChildStatus, ParentJobProgress } from '@progeny/contract';

/** The six buckets in the order in which people read them: what comes, what runs, what came of it. */
export const BUCKETS = [
  'pending',
  'running',
  'completed',
  'failed',
  'cancelled',
  'skipped',
] as const satisfies ChildStatus[];

/** The order in a bar: what has ended grows from the left, what is open follows. */
export const BAR_ORDER = [
  'completed',
  'failed',
  'skipped',
  'cancelled',
  'running',
  'pending',
] as const satisfies ChildStatus[];

export const BUCKET_NAMES: Readonly<Record<ChildStatus, string>> = {
  pending: 'Pending',
  running: 'Running',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
  skipped: 'Skipped',
};

export const bucketCount = (progress: ParentJobProgress, bucket: ChildStatus): number =>
  progress[`${bucket}_children`];
