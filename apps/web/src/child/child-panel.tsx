import type { ChildView } from '@progeny/contract';
import { isEnded } from '@progeny/core';
import type { ReactElement } from 'react';
import { Figure } from '../job/figure.tsx';
import { useNow } from '../live/use-now.ts';
import { StageBar } from '../ui/stage-bar.tsx';
import { formatElapsed, formatTook } from '../words/duration.ts';
import { childStateInWords } from '../words/stage-words.ts';

/** How far the child is, by what is being done, and which try it is in. */
export function ChildPanel({ child }: { child: ChildView }): ReactElement {
  const words = childStateInWords(child);
  return (
    <section className="panel child-panel" aria-label="Progress">
      <div className="panel-head">
        <div className="headline">
          <p className="percent" data-testid="child-percent">
            {child.progress_percentage}
            <span className="percent-sign">%</span>
          </p>
          <p className="state-words" data-testid="child-stage">
            {words}
          </p>
        </div>
        <dl className="figures">
          <Figure name="Try">{child.attempt === 0 ? '–' : child.attempt}</Figure>
          <Figure name="Run">{child.run}</Figure>
          <Figure name={isEnded(child.status) ? 'Took' : 'Elapsed'}>
            <Elapsed child={child} />
          </Figure>
        </dl>
      </div>
      <StageBar
        percent={child.progress_percentage}
        status={child.status}
        words={words}
        label="Progress"
        isLarge
      />
    </section>
  );
}

function Elapsed({ child: { status, started_at, finished_at } }: { child: ChildView }): string {
  const hasEnded = isEnded(status);
  const nowMs = useNow(hasEnded ? 0 : 1_000);
  if (started_at === null) return '–';
  const startedMs = Date.parse(started_at);
  if (!hasEnded) return formatElapsed(nowMs - startedMs);
  // Between its end and the reading that tells when that was.
  return finished_at === null ? '–' : formatTook(Date.parse(finished_at) - startedMs);
}
