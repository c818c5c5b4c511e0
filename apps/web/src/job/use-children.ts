import type { ChildStatus, ChildView, ParentJobProgress } from '@progeny/contract';
import { isEnded, RETRYABLE_ENDS } from '@progeny/core';
import { useCallback, useEffect } from 'react';
import { useApp } from '../app-context.ts';
import { createLiveList, type LiveList, type LiveListState } from '../live/live-list.ts';
import { useLiveList } from '../live/use-live-list.ts';

const ROWS_AT_FIRST = 50;

/** The children of a parent, of one bucket or of all, read again when its counts change: at most once a second. */
export function useChildren(
  { job_id: jobId, version }: ParentJobProgress,
  status: ChildStatus | null,
): { state: LiveListState<ChildView>; list: LiveList<ChildView> | null } {
  const { api } = useApp();
  const create = useCallback(
    () =>
      createLiveList<ChildView>({
        order: 'oldest_first',
        step: ROWS_AT_FIRST,
        fetchPage: async (page) => {
          const { children, next_cursor } = await api.listChildren(jobId, { ...page, status });
          return { rows: children, nextCursor: next_cursor };
        },
        // Under a filter any row may leave, and others come in between; without one a row that is done stays as it is.
        // What is within a nested one may be retried, and it with that, however it has ended.
        mayChange: ({ status: its, is_parent }) =>
          status !== null || is_parent || !isEnded(its) || RETRYABLE_ENDS.includes(its),
        isSame: (a, b) =>
          a.version === b.version &&
          a.updated_at === b.updated_at &&
          a.progress_label === b.progress_label &&
          a.progress_stage === b.progress_stage,
        now: Date.now,
      }),
    [api, jobId, status],
  );
  const live = useLiveList(create);
  const { list } = live;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version is the reason to read again
  useEffect(() => list?.refresh(), [list, version]);
  return live;
}
