export interface Row {
  job_id: string;
}

/** Ids are UUIDs of version 7, so their text sorts as they were created. */
export type RowOrder = 'oldest_first' | 'newest_first';

export const isAfter = (order: RowOrder, id: string, other: string): boolean =>
  order === 'oldest_first' ? id > other : id < other;

export interface RowPage<R extends Row> {
  /** The id that the page was asked to start after; null for the start. */
  after: string | null;
  rows: readonly R[];
  /** The id of its last row when more rows follow. */
  nextCursor: string | null;
}

/**
 * Puts a page that was just read in the place of what was known of its range, so that rows that left the range (a
 * filter no longer matches them) disappear, and rows beyond it stay. Unchanged rows keep their identity.
 */
export function mergePage<R extends Row>(
  known: readonly R[],
  page: RowPage<R>,
  order: RowOrder,
  isSame: (a: R, b: R) => boolean,
): R[] {
  const { after, nextCursor } = page;
  const byId = new Map(known.map((row) => [row.job_id, row]));
  const kept = (fresh: R): R => {
    const old = byId.get(fresh.job_id);
    return old && isSame(old, fresh) ? old : fresh;
  };
  return [
    ...(after === null ? [] : known.filter((row) => !isAfter(order, row.job_id, after))),
    ...page.rows.map(kept),
    ...(nextCursor === null ? [] : known.filter((row) => isAfter(order, row.job_id, nextCursor))),
  ];
}
