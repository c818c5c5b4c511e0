import type { ChildStatus, ParentJobProgress, ParentView } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import { type ReactElement, useCallback } from 'react';
import { useQueryChoice } from '../live/use-query-choice.ts';
import { BUCKET_NAMES, BUCKETS, bucketCount } from '../ui/buckets.ts';
import { FilterTabs } from '../ui/filter-tabs.tsx';
import { ListRefusal } from '../ui/list-refusal.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { ChildRow } from './child-row.tsx';
import { ChildrenHead } from './children-head.tsx';
import { useChildren } from './use-children.ts';

/** Running rows whose stage is followed live: a connection names only so many jobs. The others follow the list. */
const WATCHED_ROWS_MAX = 20;

/** The pages of a crawl, or the tasks of other work, by bucket. */
export function ChildrenTable({
  job,
  progress,
  noun,
  title,
}: {
  job: ParentView;
  progress: ParentJobProgress;
  noun: { one: string; many: string };
  title: string;
}): ReactElement {
  const [status, setStatus] = useQueryChoice<ChildStatus>('status', BUCKETS);
  const { state, list } = useChildren(progress, status);
  const isCrawl = job.type === 'crawl';
  const onRetried = useCallback(() => list?.refresh(), [list]);
  const watched = new Set(
    state.rows
      .filter((child) => child.status === 'running')
      .slice(0, WATCHED_ROWS_MAX)
      .map((child) => child.job_id),
  );
  const options = [
    { value: null, name: 'All', count: progress.total_children },
    ...BUCKETS.map((bucket) => ({
      value: bucket,
      name: BUCKET_NAMES[bucket],
      count: bucketCount(progress, bucket),
    })),
  ];
  return (
    <section className="children" aria-label={title}>
      <div className="children-filter">
        <FilterTabs
          label={`Show ${noun.many} by status`}
          options={options}
          chosen={status}
          onChoose={setStatus}
        />
      </div>
      <div className="table-frame">
        <ListRefusal refusal={state.refusal} />
        {!state.isLoaded && state.refusal === null && <Skeleton rows={6} />}
        {state.isLoaded && state.rows.length === 0 && (
          <p className="table-empty">{emptyWords(progress, status, noun.many)}</p>
        )}
        {state.rows.length > 0 && (
          <table className="table">
            <caption className="visually-hidden">{title}, oldest first</caption>
            <ChildrenHead isCrawl={isCrawl} />
            <tbody>
              {state.rows.map((child) => (
                <ChildRow
                  key={child.job_id}
                  child={child}
                  isCrawl={isCrawl}
                  mayWatch={watched.has(child.job_id)}
                  onRetried={onRetried}
                />
              ))}
            </tbody>
          </table>
        )}
      </div>
      {state.hasMore && (
        <button
          type="button"
          className="button more"
          disabled={state.isLoadingMore}
          onClick={() => list?.loadMore()}
        >
          {state.isLoadingMore ? 'Loading…' : 'Load more'}
        </button>
      )}
    </section>
  );
}

function emptyWords(
  { status, total_children: total }: ParentJobProgress,
  filter: ChildStatus | null,
  many: string,
): string {
  if (filter !== null) return `No ${many} are ${filter}`;
  if (total > 0) return 'Loading…';
  return isParentEnded(status) ? `It ended without ${many}` : `No ${many} yet`;
}
