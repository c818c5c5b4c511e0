import type { ChildView, ParentJobProgress } from '@progeny/contract';
import { useJobProgress } from '@progeny/react';
import type { ReactElement } from 'react';
import { StackedBar } from '../ui/stacked-bar.tsx';
import { StageBar } from '../ui/stage-bar.tsx';
import { nestedInWords } from '../words/nested-words.ts';

/** The line below a child that has children of its own: their counts, live while it runs. */
export function NestedNote({ child, mayWatch }: { child: ChildView; mayWatch: boolean }): ReactElement {
  if (child.status !== 'running') {
    const { progress_stage: status, progress_label: text, error } = child;
    const words = nestedInWords({ status, text, error });
    return (
      <span className="child-note" data-testid="nested-counts" title={words}>
        {words}
      </span>
    );
  }
  return mayWatch ? <LiveNested child={child} /> : <Nested child={child} />;
}

function LiveNested({ child }: { child: ChildView }): ReactElement {
  const progress = useJobProgress(child.job_id);
  return <Nested child={child} progress={progress} />;
}

function Nested({
  child,
  progress,
}: {
  child: ChildView;
  progress?: ParentJobProgress | undefined;
}): ReactElement {
  const percent = progress?.progress_percentage ?? child.progress_percentage;
  const words = nestedInWords(
    progress
      ? { status: progress.status, text: progress.progress_text }
      : { status: child.progress_stage, text: child.progress_label },
  );
  return (
    <span className="child-note child-stage nested-note" data-testid="nested-counts">
      {progress ? (
        <StackedBar progress={progress} label="Progress" />
      ) : (
        <StageBar percent={percent} status="running" words={words} label="Progress" />
      )}
      <span className="child-percent">{percent}%</span>
      <span className="child-stage-words" title={words}>
        {words}
      </span>
    </span>
  );
}
