import type { ParentStatus } from '@progeny/contract';

/** The statuses that a list can be narrowed to. */
export const PARENT_FILTERS = [
  'running',
  'paused',
  'completed',
  'failed',
  'cancelled',
] as const satisfies ParentStatus[];
export type ParentFilter = (typeof PARENT_FILTERS)[number];
