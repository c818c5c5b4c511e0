import type { ParentJobProgress, ParentView } from '@progeny/contract';
import type { ReactElement } from 'react';
import { useQueryChoice } from '../live/use-query-choice.ts';
import { JobLog } from '../log/job-log.tsx';
import { Views } from '../ui/views.tsx';
import { ChildrenTable } from './children-table.tsx';

const VIEWS = ['log'] as const;

/** Below the counters: the children, or the log of what happened to them. Which one stands in the address. */
export function JobDetails({
  job,
  progress,
  noun,
}: {
  job: ParentView;
  progress: ParentJobProgress;
  noun: { one: string; many: string };
}): ReactElement {
  const [view, setView] = useQueryChoice('view', VIEWS);
  const title = noun.many.charAt(0).toUpperCase() + noun.many.slice(1);
  return (
    <Views
      label="What to show of it"
      views={[
        { value: null, name: title },
        { value: 'log', name: 'Log' },
      ]}
      chosen={view}
      onChoose={setView}
    >
      {view === 'log' ? (
        <JobLog jobId={job.job_id} many={noun.many} />
      ) : (
        <ChildrenTable job={job} progress={progress} noun={noun} title={title} />
      )}
    </Views>
  );
}
