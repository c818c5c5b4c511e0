import type { ParentJobProgress, ParentView } from '@progeny/contract';
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { JobActions } from '../commands/job-actions.tsx';
import { useNow } from '../live/use-now.ts';
import { BackIcon, OutIcon } from '../ui/icons.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { formatAgo } from '../words/duration.ts';
import { seedOf } from '../words/job-words.ts';
import { optionsInWords } from '../words/option-words.ts';
import { Failure } from './failure.tsx';
import { Trail } from './trail.tsx';

const AGO_EVERY_MS = 30_000;

export function JobHeader({ job, progress }: { job: ParentView; progress: ParentJobProgress }): ReactElement {
  const nowMs = useNow(AGO_EVERY_MS);
  const seed = seedOf(job);
  // A retry that has begun is no longer failed, though the reading that says so is still on its way.
  const error = progress.status === 'failed' ? job.error : null;
  return (
    <header className="job-header">
      {job.parent_id === null ? (
        <Link href="/" className="back">
          <BackIcon />
          Crawls
        </Link>
      ) : (
        <Trail parentId={job.parent_id} />
      )}
      <div className="job-title-row">
        <h1 title={job.name}>{job.name}</h1>
        <StatusBadge status={progress.status} testId="job-status" />
        <JobActions job={job} progress={progress} />
      </div>
      <p className="job-facts">
        {seed && (
          <a href={seed} target="_blank" rel="noreferrer" className="seed">
            {seed}
            <OutIcon />
          </a>
        )}
        <span>Started {formatAgo(nowMs - Date.parse(job.started_at ?? job.created_at))}</span>
        {job.run > 1 && <span>Run {job.run}</span>}
        {job.key !== null && job.key !== job.job_id && <span>Key {job.key}</span>}
        {optionsInWords(job).map((words) => (
          <span key={words}>{words}</span>
        ))}
        <span className="job-id" title="Job id">
          {job.job_id}
        </span>
      </p>
      <div className="fate">{error && <Failure error={error} />}</div>
    </header>
  );
}
