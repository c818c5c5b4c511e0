import type { ChildStatus, ParentJobProgress, ParentView } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import type { ReactElement } from 'react';
import { useQueryChoice } from '../live/use-query-choice.ts';
import { BUCKET_NAMES, BUCKETS, bucketCount } from '../ui/buckets.ts';
import { FilterTabs } from '../ui/filter-tabs.tsx';
import { ListRefusal } from '../ui/list-refusal.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { ChildRow } from './child-row.tsx';
import { useChildren } from './use-children.ts';

/** The pages of a crawl, or the tasks of other work, by bucket. */
export function ChildrenTable({
  job,
  progress,
  noun,
}: {
  job: ParentView;
  progress: ParentJobProgress;
  noun: { one: string; many: string };
}): ReactElement {
  const [status, setStatus] = useQueryChoice<ChildStatus>('status', BUCKETS);
  const { state, list } = useChildren(progress, status);
  const isCrawl = job.type === 'crawl';
  const title = noun.many.charAt(0).toUpperCase() + noun.many.slice(1);
  const options = [
    { value: null, name: 'All', count: progress.total_children },
    ...BUCKETS.map((bucket) => ({
      value: bucket,
      name: BUCKET_NAMES[bucket],
      count: bucketCount(progress, bucket),
    })),
  ];
  return (
    <section className="children" aria-labelledby="children-title">
      <div className="section-head">
        <h2 id="children-title">{title}</h2>
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
          <table className="table" data-kind={isCrawl ? 'crawl' : 'custom'}>
            <caption className="visually-hidden">{title}, oldest first</caption>
            <thead>
              <tr>
                <th scope="col" className="col-status">
                  Status
                </th>
                <th scope="col">{isCrawl ? 'Page' : 'Key'}</th>
                {!isCrawl && (
                  <th scope="col" className="col-note">
                    What happened
                  </th>
                )}
                {isCrawl && (
                  <>
                    <th scope="col" className="col-http">
                      HTTP
                    </th>
                    <th scope="col" className="col-size">
                      Size
                    </th>
                  </>
                )}
                <th scope="col" className="col-took">
                  Took
                </th>
                <th scope="col" className="col-attempt">
                  Attempt
                </th>
              </tr>
            </thead>
            <tbody>
              {state.rows.map((child) => (
                <ChildRow key={child.job_id} child={child} isCrawl={isCrawl} />
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
