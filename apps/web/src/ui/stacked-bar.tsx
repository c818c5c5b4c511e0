import type { ParentJobProgress } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import type { ReactElement } from 'react';
import { BAR_ORDER, bucketCount } from './buckets.ts';

/** The buckets side by side, each as wide as its share. Spoken as a percentage and the progress text. */
export function StackedBar({
  progress,
  label,
  isLarge = false,
}: {
  progress: ParentJobProgress;
  label: string;
  isLarge?: boolean;
}): ReactElement {
  const { progress_percentage: percent, progress_text: text, total_children: total } = progress;
  const isWaiting = total === 0 && !isParentEnded(progress.status);
  return (
    <div
      className="bar"
      data-size={isLarge ? 'large' : 'small'}
      data-waiting={isWaiting || undefined}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={`${percent} percent: ${text}`}
    >
      {BAR_ORDER.map((bucket) => {
        const count = bucketCount(progress, bucket);
        return (
          <span
            key={bucket}
            className="bar-part"
            data-bucket={bucket}
            data-empty={count <= 0 || undefined}
            style={{ flexGrow: Math.max(0, count) }}
          />
        );
      })}
    </div>
  );
}
