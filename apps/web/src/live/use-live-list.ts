import { useEffect, useState, useSyncExternalStore } from 'react';
import { type LiveList, type LiveListState, NOTHING_LOADED } from './live-list.ts';
import type { Row } from './row-window.ts';

const neverChanges = (): (() => void) => () => undefined;

/** A live list for as long as the component is there; another one whenever `create` is another function. */
export function useLiveList<R extends Row>(
  create: () => LiveList<R>,
): {
  state: LiveListState<R>;
  list: LiveList<R> | null;
} {
  const [list, setList] = useState<LiveList<R> | null>(null);
  useEffect(() => {
    const own = create();
    setList(own);
    return own.stop;
  }, [create]);
  const state = useSyncExternalStore<LiveListState<R>>(
    list?.subscribe ?? neverChanges,
    list?.getSnapshot ?? (() => NOTHING_LOADED),
  );
  return { state, list };
}
