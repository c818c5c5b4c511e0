import type { ParentView } from '@progeny/contract';
import { useJobProgress } from '@progeny/react';
import { memo, type ReactElement } from 'react';
import { Link } from 'wouter';
import { StackedBar } from '../ui/stacked-bar.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { formatAgo, formatTook } from '../words/duration.ts';
import { nounOf } from '../words/job-words.ts';
import { priorityOf } from '../words/option-words.ts';
import { isMoving } from '../words/progress-words.ts';
import { formatCount, formatRate } from '../words/quantity.ts';

/** One crawl in the list. Only its own changes make it render again. */
export const JobRow = memo(function JobRow({ job, nowMs }: { job: ParentView; nowMs: number }): ReactElement {
  const progress = useJobProgress(job.job_id) ?? job.progress;
  const { status, total_children: total, progress_percentage: percent } = progress;
  const { many } = nounOf(job.type);
  const priority = priorityOf(job);
  const startedMs = Date.parse(job.started_at ?? job.created_at);
  return (
    <li className="job-row" data-testid="job-row" data-job-id={job.job_id}>
      <div className="job-name">
        <Link href={`/jobs/${job.job_id}`} className="job-link" title={job.name}>
          {job.name}
        </Link>
        <span className="job-meta">
          {formatCount(total)} {many} · {formatAgo(nowMs - startedMs)}
          {priority !== 0 && <span className="job-priority"> · Priority {priority}</span>}
        </span>
      </div>
      <StatusBadge status={status} />
      <div className="job-progress">
        <StackedBar progress={progress} label={`Progress of ${job.name}`} />
        <span className="job-text">{progress.progress_text}</span>
      </div>
      <div className="job-figures">
        <span className="job-percent">{percent}%</span>
        <span className="job-rate">
          {isMoving(progress) ? `${formatRate(progress.children_per_second)} /s` : took(job)}
        </span>
      </div>
    </li>
  );
});

const took = ({ started_at, created_at, finished_at }: ParentView): string =>
  finished_at === null ? '' : formatTook(Date.parse(finished_at) - Date.parse(started_at ?? created_at));
