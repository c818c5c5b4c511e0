import type { StoredStep } from '@progeny/client';
import { memo, type ReactElement } from 'react';
import { CheckIcon, CloseIcon } from '../ui/icons.tsx';
import { formatClock, formatTook } from '../words/duration.ts';
import { detailInWords, durationOf, stepInWords, successOf } from '../words/stage-words.ts';

/** One step: when, what, how long, and how it came out. */
export const TimelineRow = memo(function TimelineRow({
  step: { at, step },
}: {
  step: StoredStep;
}): ReactElement {
  const success = successOf(step);
  const durationMs = durationOf(step);
  const detail = detailInWords(step);
  return (
    <li className="step-row" data-event={step.event} data-success={success ?? undefined}>
      <time dateTime={at} title={at}>
        {formatClock(Date.parse(at))}
      </time>
      <span className="step-mark" aria-hidden="true">
        {success !== null && (success ? <CheckIcon /> : <CloseIcon />)}
      </span>
      <span className="step-words">
        {stepInWords(step)}
        {detail !== '' && (
          <span className="step-detail" title={detail}>
            {detail}
          </span>
        )}
      </span>
      <span className="step-took">{durationMs !== null && formatTook(durationMs)}</span>
    </li>
  );
});
