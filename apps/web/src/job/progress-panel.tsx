import type { ParentJobProgress, ParentView } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import type { ReactElement } from 'react';
import { useNow } from '../live/use-now.ts';
import { BUCKET_NAMES, BUCKETS, bucketCount } from '../ui/buckets.ts';
import { StackedBar } from '../ui/stacked-bar.tsx';
import { formatElapsed } from '../words/duration.ts';
import { nounOf } from '../words/job-words.ts';
import { isMoving, stateInWords, timeLeft } from '../words/progress-words.ts';
import { formatCount, formatRate } from '../words/quantity.ts';
import { Figure } from './figure.tsx';
import { Sparkline } from './sparkline.tsx';
import { useRateHistory } from './use-rate-history.ts';
import { Verified } from './verified.tsx';

/** The counters, the bar, and how fast it goes. Every number has its place, so nothing moves while they run. */
export function ProgressPanel({
  job,
  progress,
}: {
  job: ParentView;
  progress: ParentJobProgress;
}): ReactElement {
  const { many } = nounOf(job.type);
  const history = useRateHistory(progress);
  const hasEnded = isParentEnded(progress.status);
  return (
    <section className="panel" aria-label="Progress">
      <div className="panel-head">
        <div className="headline">
          <p className="percent">
            {progress.progress_percentage}
            <span className="percent-sign">%</span>
          </p>
          <p className="state-words">{stateInWords(progress, job.type)}</p>
        </div>
        <Sparkline history={history} />
        <dl className="figures">
          <Figure name={`${many.charAt(0).toUpperCase()}${many.slice(1)} / s`}>
            {isMoving(progress) ? formatRate(progress.children_per_second) : '–'}
          </Figure>
          <Figure name="Time left">{timeLeft(progress)}</Figure>
          <Figure name="Elapsed">
            <Elapsed job={job} hasEnded={hasEnded} />
          </Figure>
        </dl>
      </div>
      <StackedBar progress={progress} label="Progress" isLarge />
      <div className="progress-line">
        <p className="progress-text" data-testid="progress-text">
          {progress.progress_text}
        </p>
        <Verified verified_at={progress.verified_at} />
      </div>
      <dl className="counters">
        {BUCKETS.map((bucket) => {
          const count = bucketCount(progress, bucket);
          return (
            <div key={bucket} className="counter" data-bucket={bucket} data-empty={count === 0 || undefined}>
              <dt>
                <span className="counter-dot" aria-hidden="true" />
                {BUCKET_NAMES[bucket]}
              </dt>
              <dd>{formatCount(count)}</dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}

function Elapsed({ job, hasEnded }: { job: ParentView; hasEnded: boolean }): string {
  const nowMs = useNow(hasEnded ? 0 : 1_000);
  const endMs = job.finished_at === null ? nowMs : Date.parse(job.finished_at);
  return formatElapsed(endMs - Date.parse(job.started_at ?? job.created_at));
}
