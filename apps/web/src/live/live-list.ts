import { ApiError } from '../api/api-error.ts';
import { createRefresher } from './refresher.ts';
import { isAfter, mergePage, type Row, type RowOrder } from './row-window.ts';

/** Rows that one request may ask for (the API's limit). */
export const WINDOW_ROWS_MAX = 200;

export interface LiveListState<R extends Row> {
  rows: readonly R[];
  /** False until the first answer. */
  isLoaded: boolean;
  hasMore: boolean;
  isLoadingMore: boolean;
  /** Why the server refused the last reading; it is not asked again before the next `refresh`. */
  refusal: string | null;
}

export const NOTHING_LOADED: LiveListState<never> = {
  rows: [],
  isLoaded: false,
  hasMore: false,
  isLoadingMore: false,
  refusal: null,
};

export interface LiveList<R extends Row> {
  getSnapshot(): LiveListState<R>;
  subscribe(listener: () => void): () => void;
  /** Something may have changed: reads again what can have. At most one request a second. */
  refresh(): void;
  loadMore(): void;
  stop(): void;
}

export interface LiveListOptions<R extends Row> {
  order: RowOrder;
  /** Rows shown at first, and added by each `loadMore`. */
  step: number;
  fetchPage: (page: { cursor: string | null; limit: number }) => Promise<{
    rows: readonly R[];
    nextCursor: string | null;
  }>;
  /** True for a row that can still change or leave; only stretches that begin with one are read again. */
  mayChange: (row: R) => boolean;
  isSame: (a: R, b: R) => boolean;
  now: () => number;
}

/**
 * A list that grows on demand and follows the server. A refresh is a round of windows over the rows shown: each
 * starts at the next row that may change, the last one looks for new rows at the end. A refresh asked for during a
 * round begins another one after it.
 */
export function createLiveList<R extends Row>(options: LiveListOptions<R>): LiveList<R> {
  const { order, step, fetchPage, mayChange, isSame } = options;
  const listeners = new Set<() => void>();
  let state: LiveListState<R> = NOTHING_LOADED;
  let wanted = step;
  /** How far the present round has come: rows up to this id are fresh. Null at its start. */
  let freshUpTo: string | null = null;
  let isReading = false;
  let anotherRound = false;

  const publish = (change: Partial<LiveListState<R>>): void => {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  };

  const nextWindow = (): { cursor: string | null; limit: number } => {
    const { rows } = state;
    const from = freshUpTo === null ? 0 : rows.findIndex((row) => row.job_id === freshUpTo) + 1;
    const found = rows.findIndex((row, index) => index >= from && mayChange(row));
    const start = found === -1 ? rows.length : found;
    const limit = Math.min(WINDOW_ROWS_MAX, Math.max(1, wanted - start));
    return { cursor: rows[start - 1]?.job_id ?? null, limit };
  };

  const readWindow = async (): Promise<'done' | 'again'> => {
    const { cursor, limit } = nextWindow();
    isReading = true;
    const page = await fetchPage({ cursor, limit }).finally(() => {
      isReading = false;
    });
    const isEnd = page.nextCursor === null;
    const merged = mergePage(state.rows, { after: cursor, ...page }, order, isSame);
    const rows = merged.slice(0, wanted);
    const isMoreBehind = page.nextCursor === merged.at(-1)?.job_id || state.hasMore;
    publish({
      rows,
      isLoaded: true,
      refusal: null,
      hasMore: merged.length > wanted || (!isEnd && isMoreBehind),
    });

    const lastShown = rows.at(-1)?.job_id;
    const isCovered = !lastShown || !page.nextCursor || !isAfter(order, lastShown, page.nextCursor);
    const isRoundDone = isEnd || (isCovered && rows.length === wanted);
    freshUpTo = isRoundDone ? null : page.nextCursor;
    if (!isRoundDone) return 'again';
    publish({ isLoadingMore: false });
    const again = anotherRound;
    anotherRound = false;
    return again ? 'again' : 'done';
  };

  const read = async (): Promise<'done' | 'again'> => {
    try {
      return await readWindow();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      freshUpTo = null;
      anotherRound = false;
      publish({ refusal: error.message, isLoadingMore: false });
      return 'done';
    }
  };

  const refresh = (): void => {
    anotherRound ||= isReading || freshUpTo !== null;
    refresher.request();
  };
  const refresher = createRefresher({ run: read, now: options.now });
  refresher.request();
  return {
    getSnapshot: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    refresh,
    loadMore: () => {
      wanted = state.rows.length + step;
      publish({ isLoadingMore: true });
      refresh();
    },
    stop: refresher.stop,
  };
}
