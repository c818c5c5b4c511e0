import { type RefObject, useLayoutEffect, useRef, useState } from 'react';

/** Closer to the end than this counts as being there: fractions of a pixel, and a line that is being added. */
const AT_END_PX = 24;

export interface FollowEnd<E extends HTMLElement> {
  ref: RefObject<E | null>;
  /** False while somebody reads further up. */
  isFollowing: boolean;
  onScroll: () => void;
  toEnd: () => void;
}

/** Keeps a scrolled element at its end while that grows, unless somebody has scrolled up. */
export function useFollowEnd<E extends HTMLElement>(lastNumber: number): FollowEnd<E> {
  const ref = useRef<E>(null);
  const [isFollowing, setIsFollowing] = useState(true);
  const toEnd = (): void => {
    if (ref.current) ref.current.scrollTop = ref.current.scrollHeight;
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: another last line is the reason to go to the end
  useLayoutEffect(() => {
    if (isFollowing) toEnd();
  }, [lastNumber, isFollowing]);
  const onScroll = (): void => {
    const { scrollHeight, scrollTop, clientHeight } = ref.current ?? document.body;
    setIsFollowing(scrollHeight - scrollTop - clientHeight <= AT_END_PX);
  };
  return {
    ref,
    isFollowing,
    onScroll,
    toEnd: () => {
      setIsFollowing(true);
      toEnd();
    },
  };
}
