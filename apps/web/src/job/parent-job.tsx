import type { ParentView } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import { useJobProgress, useProgenyClient } from '@progeny/react';
import { type ReactElement, useEffect, useEffectEvent } from 'react';
import { nounOf } from '../words/job-words.ts';
import { tabTitle } from '../words/progress-words.ts';
import { EndedToast } from './ended-toast.tsx';
import { JobDetails } from './job-details.tsx';
import { JobHeader } from './job-header.tsx';
import { ProgressPanel } from './progress-panel.tsx';
import { SpokenSummary } from './spoken-summary.tsx';
import { WhyOpen } from './why-open.tsx';

/** One crawl, or other parent, live. */
export function ParentJob({ job, onChange }: { job: ParentView; onChange: () => void }): ReactElement {
  const client = useProgenyClient();
  const progress = useJobProgress(job.job_id) ?? job.progress;
  const { status } = progress;
  // One that was retried may have ended again in the same way before this page saw it run.
  const hasEndedAnew = isParentEnded(status) && progress.version > job.progress.version;
  const isNews = status !== job.status || hasEndedAnew;
  const reload = useEffectEvent(onChange);

  useEffect(() => client.accept(job.progress), [client, job]);
  // When it started and ended stands in the job itself, so each change of status is a reason to read it again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another status is news even while the last is being read
  useEffect(() => {
    if (isNews) reload();
  }, [isNews, status]);
  useEffect(() => {
    document.title = tabTitle(job.name, progress);
  }, [job.name, progress]);

  return (
    <div className="page">
      <JobHeader job={job} progress={progress} />
      <EndedToast job={job} progress={progress} />
      <ProgressPanel job={job} progress={progress} />
      <WhyOpen progress={progress} isCrawl={job.type === 'crawl'} />
      <SpokenSummary name={job.name} progress={progress} />
      <JobDetails job={job} progress={progress} noun={nounOf(job.type)} />
    </div>
  );
}
