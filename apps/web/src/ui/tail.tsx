import type { ReactElement, ReactNode } from 'react';
import { useFollowEnd } from '../live/use-follow-end.ts';
import { formatCount } from '../words/quantity.ts';
import { DownIcon } from './icons.tsx';

/**
 * The end of something that grows: it follows until one scrolls up, and offers the way back. Nothing in it is spoken by
 * itself, since a flood would never end; a screen reader finds it by its name and reads it as a list.
 */
export function Tail({
  label,
  lastNumber,
  keptCount,
  noun,
  testId,
  children,
}: {
  label: string;
  /** Of the newest row; rows are counted from 1. */
  lastNumber: number;
  keptCount: number;
  noun: { one: string; many: string };
  testId: string;
  children: ReactNode;
}): ReactElement {
  const { ref, isFollowing, onScroll, toEnd } = useFollowEnd<HTMLElement>(lastNumber);
  const goneCount = lastNumber - keptCount;
  return (
    <div className="tail">
      <section
        className="tail-scroll"
        ref={ref}
        aria-label={label}
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and not every browser lets a key into it otherwise
        tabIndex={0}
        onScroll={onScroll}
      >
        {goneCount > 0 && (
          <p className="tail-gone">
            {formatCount(goneCount)} older {goneCount === 1 ? noun.one : noun.many} no longer kept
          </p>
        )}
        <ol data-testid={testId}>{children}</ol>
      </section>
      {!isFollowing && (
        <button type="button" className="button tail-end" onClick={toEnd}>
          <DownIcon />
          Newest
        </button>
      )}
    </div>
  );
}
