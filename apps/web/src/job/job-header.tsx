import type { ParentStatus, ParentView } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import { type ReactElement, useState } from 'react';
import { Link } from 'wouter';
import { useNow } from '../live/use-now.ts';
import { BackIcon, OutIcon } from '../ui/icons.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { formatAgo } from '../words/duration.ts';
import { nounOf, seedOf } from '../words/job-words.ts';
import { CancelDialog } from './cancel-dialog.tsx';
import { Failure } from './failure.tsx';

const AGO_EVERY_MS = 30_000;

export function JobHeader({ job, status }: { job: ParentView; status: ParentStatus }): ReactElement {
  const [isAsking, setIsAsking] = useState(false);
  const nowMs = useNow(AGO_EVERY_MS);
  const seed = seedOf(job);
  const canCancel = !isParentEnded(status);
  return (
    <header className="job-header">
      <Link href="/" className="back">
        <BackIcon />
        Crawls
      </Link>
      <div className="job-title-row">
        <h1 title={job.name}>{job.name}</h1>
        <StatusBadge status={status} testId="job-status" />
        {canCancel && (
          <button
            type="button"
            className="button button-danger"
            data-testid="cancel-job"
            onClick={() => setIsAsking(true)}
          >
            Cancel
          </button>
        )}
      </div>
      <p className="job-facts">
        {seed && (
          <a href={seed} target="_blank" rel="noreferrer" className="seed">
            {seed}
            <OutIcon />
          </a>
        )}
        <span>Started {formatAgo(nowMs - Date.parse(job.started_at ?? job.created_at))}</span>
        <span className="job-id" title="Job id">
          {job.job_id}
        </span>
      </p>
      <div className="fate">{job.error && <Failure error={job.error} />}</div>
      {isAsking && canCancel && (
        <CancelDialog jobId={job.job_id} many={nounOf(job.type).many} onClose={() => setIsAsking(false)} />
      )}
    </header>
  );
}
