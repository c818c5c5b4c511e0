import type { ChildView } from '@progeny/contract';
import { isEnded } from '@progeny/core';
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { useApp } from '../app-context.ts';
import { RetryChild } from '../commands/retry-child.tsx';
import { Failure } from '../job/failure.tsx';
import { useFetched } from '../live/use-fetched.ts';
import { BackIcon, OutIcon } from '../ui/icons.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { labelOf } from '../words/job-words.ts';

export function ChildHeader({ child, onRetried }: { child: ChildView; onRetried: () => void }): ReactElement {
  const { api } = useApp();
  const { value: parent } = useFetched(() => api.getJob(child.parent_id));
  const { text, url } = labelOf(child);
  return (
    <header className="job-header">
      <Link href={`/jobs/${child.parent_id}`} className="back">
        <BackIcon />
        {parent && 'name' in parent ? parent.name : 'The whole job'}
      </Link>
      <div className="job-title-row">
        <h1 className="child-title" title={url ?? child.key}>
          {text}
        </h1>
        <StatusBadge status={child.status} testId="job-status" />
        <RetryChild child={child} onRetried={onRetried} />
      </div>
      <p className="job-facts">
        {url && (
          <a href={url} target="_blank" rel="noreferrer" className="seed">
            {url}
            <OutIcon />
          </a>
        )}
        <span className="job-id" title="Job id">
          {child.job_id}
        </span>
      </p>
      <div className="fate">
        {child.error && <Failure error={child.error} isPast={!isEnded(child.status)} />}
      </div>
    </header>
  );
}
