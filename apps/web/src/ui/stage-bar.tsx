import type { ChildStatus } from '@progeny/contract';
import type { ReactElement } from 'react';

/** How far one job is. Spoken as a percentage and its stage. */
export function StageBar({
  percent,
  status,
  words,
  label,
  isLarge = false,
}: {
  percent: number;
  status: ChildStatus;
  words: string;
  label: string;
  isLarge?: boolean;
}): ReactElement {
  return (
    <div
      className="bar stage-bar"
      data-size={isLarge ? 'large' : 'small'}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={`${percent} percent: ${words}`}
    >
      <span className="stage-part" data-bucket={status} style={{ width: `${percent}%` }} />
    </div>
  );
}
