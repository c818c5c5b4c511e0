import { useJobSteps } from '@progeny/react';
import type { ReactElement } from 'react';
import { Tail } from '../ui/tail.tsx';
import { TailState } from '../ui/tail-state.tsx';
import { TimelineRow } from './timeline-row.tsx';

const STEP = { one: 'step', many: 'steps' };

/** The steps of one job as they happen, the newest at the bottom. */
export function Timeline({ jobId, hasEnded }: { jobId: string; hasEnded: boolean }): ReactElement {
  const { steps, ...reading } = useJobSteps(jobId);
  return (
    <section className="timeline" aria-labelledby="timeline-title">
      <div className="section-head">
        <h2 id="timeline-title">Timeline</h2>
      </div>
      <div className="table-frame tail-frame">
        <TailState
          {...reading}
          isEmpty={steps.length === 0}
          empty={hasEnded ? 'No steps were told' : 'No steps yet'}
        />
        {steps.length > 0 && (
          <Tail
            label="Timeline, newest at the bottom"
            lastNumber={steps.at(-1)?.number ?? 0}
            keptCount={steps.length}
            noun={STEP}
            testId="timeline"
          >
            {steps.map((step) => (
              <TimelineRow key={step.number} step={step} />
            ))}
          </Tail>
        )}
      </div>
    </section>
  );
}
