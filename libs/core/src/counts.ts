import { CHILD_STATUSES, type ChildStatus } from '@progeny/contract';

/** How many children are in each bucket. Never clamped: a negative count is a fault that has to be seen. */
export type Counts = Readonly<Record<ChildStatus, number>>;

/** One change of one child, or `count` equal ones. `from` is null at birth, `to` is null at deletion. */
export interface Delta {
  from: ChildStatus | null;
  to: ChildStatus | null;
  count: number;
}

export const zeroCounts: Counts = Object.freeze({
  pending: 0,
  running: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  skipped: 0,
});

/** Adds deltas to counts. The order does not matter, so neither does the order in which changes arrive. */
export function foldDeltas(counts: Counts, deltas: Iterable<Delta>): Counts {
  const folded = { ...counts };
  for (const { from, to, count } of deltas) {
    if (from !== null) folded[from] -= count;
    if (to !== null) folded[to] += count;
  }
  return folded;
}

export const totalOf = (counts: Counts): number =>
  CHILD_STATUSES.reduce((sum, status) => sum + counts[status], 0);

/** Children that have not ended. */
export const openOf = (counts: Counts): number => counts.pending + counts.running;

/** Children that have ended, whichever way. */
export const endedOf = (counts: Counts): number => totalOf(counts) - openOf(counts);

export const equalCounts = (a: Counts, b: Counts): boolean =>
  CHILD_STATUSES.every((status) => a[status] === b[status]);
