import type { ReactElement } from 'react';

/** Holds the place of rows that are on their way. */
export function Skeleton({ rows }: { rows: number }): ReactElement {
  return (
    <div className="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move
        <div className="skeleton-row" key={index} />
      ))}
    </div>
  );
}
