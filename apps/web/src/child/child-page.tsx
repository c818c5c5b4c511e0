import type { ChildView } from '@progeny/contract';
import { isEnded } from '@progeny/core';
import { type ReactElement, useEffect } from 'react';
import { childTabTitle, labelOf } from '../words/job-words.ts';
import { ChildFacts } from './child-facts.tsx';
import { ChildHeader } from './child-header.tsx';
import { ChildPanel } from './child-panel.tsx';
import { Timeline } from './timeline.tsx';
import { useChild } from './use-child.ts';

/** One page of a crawl, or one task of other work, live. */
export function ChildPage({ read, refresh }: { read: ChildView; refresh: () => void }): ReactElement {
  const child = useChild(read, refresh);
  useEffect(() => {
    document.title = childTabTitle(child);
  }, [child]);
  return (
    <div className="page">
      <ChildHeader child={child} onRetried={refresh} />
      <ChildPanel child={child} />
      <p className="visually-hidden" aria-live="polite">
        {labelOf(child).text} {child.status}
      </p>
      <div className="child-columns">
        <Timeline jobId={child.job_id} hasEnded={isEnded(child.status)} />
        <ChildFacts child={child} />
      </div>
    </div>
  );
}
