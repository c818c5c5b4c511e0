import type { ReactElement } from 'react';
import type { ParentFilter } from './parent-filters.ts';

export function EmptyList({ status }: { status: ParentFilter | null }): ReactElement {
  return (
    <div className="empty">
      <svg className="empty-picture" viewBox="0 0 120 56" aria-hidden="true">
        <path d="M60 18v10M60 28H24v8M60 28h36v8M60 28v8" />
        <circle cx="60" cy="11" r="7" />
        <circle cx="24" cy="43" r="6" />
        <circle cx="60" cy="43" r="6" />
        <circle cx="96" cy="43" r="6" />
      </svg>
      {status === null ? (
        <>
          <p className="empty-title">No crawl yet</p>
          <p>Enter an address above. Every page found shows up here the moment it changes.</p>
        </>
      ) : (
        <p className="empty-title">No crawl is {status}</p>
      )}
    </div>
  );
}
