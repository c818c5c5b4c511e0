import { isParentView } from '@progeny/client';
import { useProgenyClient } from '@progeny/react';
import { type ReactElement, useEffect, useEffectEvent } from 'react';
import { useApp } from '../app-context.ts';
import { ChildPage } from '../child/child-page.tsx';
import { useEvery } from '../live/use-every.ts';
import { useFetched } from '../live/use-fetched.ts';
import { NotFound } from '../ui/not-found.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { ParentJob } from './parent-job.tsx';

/** A deletion that nobody told of is found by looking. */
const LOOK_EVERY_MS = 10_000;

/** One job, live: a crawl or other parent, or one child. */
export function JobPage({ jobId }: { jobId: string }): ReactElement {
  const { api } = useApp();
  const { value: job, problem, refresh } = useFetched(() => api.getJob(jobId));
  useEvery(LOOK_EVERY_MS, refresh);
  useForgotten(jobId, refresh);
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
  return isParentView(job) ? (
    <ParentJob job={job} onChange={refresh} />
  ) : (
    <ChildPage read={job} refresh={refresh} />
  );
}

/** Calls back when the client knows nothing of the job any more: it was told that there is none. */
function useForgotten(jobId: string, onForgotten: () => void): void {
  const client = useProgenyClient();
  const tell = useEffectEvent(onForgotten);
  useEffect(() => {
    const isKnown = (): boolean => client.getJob(jobId) !== undefined || client.getChild(jobId) !== undefined;
    let wasKnown = isKnown();
    return client.subscribeJob(jobId, () => {
      if (wasKnown && !isKnown()) tell();
      wasKnown = isKnown();
    });
  }, [client, jobId]);
}
