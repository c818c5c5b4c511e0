import type { ChildView, JobView, ParentView } from '@progeny/contract';
import type { ReactElement } from 'react';
import { useApp } from '../app-context.ts';
import { ChildPage } from '../child/child-page.tsx';
import { useEvery } from '../live/use-every.ts';
import { useFetched } from '../live/use-fetched.ts';
import { NotFound } from '../ui/not-found.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { ParentJob } from './parent-job.tsx';

/** No event tells that a job was deleted. */
const LOOK_EVERY_MS = 10_000;

/** One job, live: a crawl or other parent, or one child. */
export function JobPage({ jobId }: { jobId: string }): ReactElement {
  const { api } = useApp();
  const { value: job, problem, refresh } = useFetched(() => api.getJob(jobId));
  useEvery(LOOK_EVERY_MS, refresh);
  if (problem) {
    if (problem.code !== 'job_not_found' && problem.code !== 'invalid_request') {
      return <NotFound title={problem.title} detail={problem.detail ?? ''} />;
    }
    return job ? (
      <NotFound title="This job has been deleted" detail="With everything that belonged to it." />
    ) : (
      <NotFound title="There is no such job" detail="It may have been deleted, or the address is mistyped." />
    );
  }
  if (!job) {
    return (
      <div className="page">
        <Skeleton rows={4} />
      </div>
    );
  }
  return isChild(job) ? (
    <ChildPage read={job} refresh={refresh} />
  ) : (
    <ParentJob job={job as ParentView} onChange={refresh} />
  );
}

const isChild = (job: JobView): job is ChildView => job.parent_id !== null;
