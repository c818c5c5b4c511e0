import type { ParentView } from '@progeny/contract';
import { useJobProgress, useProgenyClient } from '@progeny/react';
import { type ReactElement, useEffect, useEffectEvent } from 'react';
import { Redirect } from 'wouter';
import { useApp } from '../app-context.ts';
import { useFetched } from '../live/use-fetched.ts';
import { NotFound } from '../ui/not-found.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { nounOf } from '../words/job-words.ts';
import { tabTitle } from '../words/progress-words.ts';
import { ChildrenTable } from './children-table.tsx';
import { EndedToast } from './ended-toast.tsx';
import { JobHeader } from './job-header.tsx';
import { ProgressPanel } from './progress-panel.tsx';
import { SpokenSummary } from './spoken-summary.tsx';
import { WhyOpen } from './why-open.tsx';

/** One crawl, or other parent, live. */
export function JobPage({ jobId }: { jobId: string }): ReactElement {
  const { api } = useApp();
  const { value: job, problem, refresh } = useFetched(() => api.getJob(jobId));
  if (problem) {
    const isUnknown = problem.code === 'job_not_found' || problem.code === 'invalid_request';
    return isUnknown ? (
      <NotFound
        title="There is no such crawl"
        detail="It may have been removed, or the address is mistyped."
      />
    ) : (
      <NotFound title={problem.title} detail={problem.detail ?? ''} />
    );
  }
  if (!job) {
    return (
      <div className="page">
        <Skeleton rows={4} />
      </div>
    );
  }
  if (job.parent_id !== null) return <Redirect to={`/jobs/${job.parent_id}`} replace />;
  return <ParentJob job={job as ParentView} onChange={refresh} />;
}

function ParentJob({ job, onChange }: { job: ParentView; onChange: () => void }): ReactElement {
  const client = useProgenyClient();
  const progress = useJobProgress(job.job_id) ?? job.progress;
  const { status } = progress;
  const isNews = status !== job.status;
  const reload = useEffectEvent(onChange);

  useEffect(() => client.accept(job.progress), [client, job]);
  // When it started and ended stands in the job itself, so each change of status is a reason to read it again.
  useEffect(() => {
    if (isNews) reload();
  }, [isNews]);
  useEffect(() => {
    document.title = tabTitle(job.name, progress);
  }, [job.name, progress]);

  return (
    <div className="page">
      <JobHeader job={job} status={status} />
      <EndedToast job={job} progress={progress} />
      <ProgressPanel job={job} progress={progress} />
      <WhyOpen progress={progress} isCrawl={job.type === 'crawl'} />
      <SpokenSummary name={job.name} progress={progress} />
      <ChildrenTable job={job} progress={progress} noun={nounOf(job.type)} />
    </div>
  );
}
