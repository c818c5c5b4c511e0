import { type ReactElement, useEffect } from 'react';
import { CrawlForm } from '../crawl-form/crawl-form.tsx';
import { useNow } from '../live/use-now.ts';
import { useQueryChoice } from '../live/use-query-choice.ts';
import { FilterTabs } from '../ui/filter-tabs.tsx';
import { ListRefusal } from '../ui/list-refusal.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { EmptyList } from './empty-list.tsx';
import { JobRow } from './job-row.tsx';
import { PARENT_FILTERS, type ParentFilter } from './parent-filters.ts';
import { useJobList } from './use-job-list.ts';

const AGO_EVERY_MS = 30_000;
const OPTIONS = [
  { value: null, name: 'All' },
  ...PARENT_FILTERS.map((value) => ({ value, name: value.charAt(0).toUpperCase() + value.slice(1) })),
];

/** The list of crawls, live, with the form to start one. */
export function JobsPage(): ReactElement {
  const [status, setStatus] = useQueryChoice<ParentFilter>('status', PARENT_FILTERS);
  const { state, list } = useJobList(status);
  const nowMs = useNow(AGO_EVERY_MS);
  useEffect(() => {
    document.title = 'Crawls · Progeny';
  }, []);
  return (
    <div className="page">
      <section className="hero" aria-labelledby="hero-title">
        <h1 id="hero-title">Crawl a site, watch every page</h1>
        <CrawlForm />
      </section>
      <section aria-labelledby="list-title">
        <div className="section-head">
          <h2 id="list-title">Crawls</h2>
          <FilterTabs label="Show crawls by status" options={OPTIONS} chosen={status} onChoose={setStatus} />
        </div>
        <ListRefusal refusal={state.refusal} />
        {!state.isLoaded && state.refusal === null && <Skeleton rows={5} />}
        {state.isLoaded && state.rows.length === 0 && <EmptyList status={status} />}
        {state.rows.length > 0 && (
          <ul className="job-list">
            {state.rows.map((job) => (
              <JobRow key={job.job_id} job={job} nowMs={nowMs} />
            ))}
          </ul>
        )}
        {state.hasMore && (
          <button
            type="button"
            className="button more"
            disabled={state.isLoadingMore}
            onClick={() => list?.loadMore()}
          >
            {state.isLoadingMore ? 'Loading…' : 'Older'}
          </button>
        )}
      </section>
    </div>
  );
}
