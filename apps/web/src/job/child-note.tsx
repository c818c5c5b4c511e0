import type { ChildView } from '@progeny/contract';
import { useChildProgress } from '@progeny/react';
import { type ReactElement, useEffect, useState } from 'react';
import { StageBar } from '../ui/stage-bar.tsx';
import { childStateInWords } from '../words/stage-words.ts';
import { NestedNote } from './nested-note.tsx';

/** Most pages are done before; only those that take longer are worth being followed by name. */
const WATCH_AFTER_MS = 1_000;

/** The line below a child's name: how far it is, why it failed, or what it was. */
export function ChildNote({
  child,
  title,
  mayWatch,
}: {
  child: ChildView;
  title: string | null;
  mayWatch: boolean;
}): ReactElement {
  if (child.is_parent) return <NestedNote child={child} mayWatch={mayWatch} />;
  if (child.status === 'running') {
    return mayWatch ? <FollowedStage child={child} /> : <Stage child={child} />;
  }
  if (child.error) {
    return (
      <span
        className="child-note child-error"
        data-status={child.status}
        title={child.error.technical_detail}
      >
        {child.error.user_message}
      </span>
    );
  }
  return <span className="child-note">{title}</span>;
}

function FollowedStage({ child }: { child: ChildView }): ReactElement {
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLong(true), WATCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return isLong ? <LiveStage child={child} /> : <Stage child={child} />;
}

function LiveStage({ child }: { child: ChildView }): ReactElement {
  const live = useChildProgress(child.job_id);
  const isNewer = live !== undefined && live.version > child.version;
  return <Stage child={isNewer ? { ...child, ...live, status: 'running' } : child} />;
}

function Stage({ child }: { child: ChildView }): ReactElement {
  const words = childStateInWords(child);
  return (
    <span className="child-note child-stage" data-testid="child-stage">
      <StageBar percent={child.progress_percentage} status="running" words={words} label="Progress" />
      <span className="child-percent">{child.progress_percentage}%</span>
      <span className="child-stage-words">{words}</span>
    </span>
  );
}
