import type { ParentStatus, ParentView } from '@progeny/contract';
import { useCallback, useEffect } from 'react';
import { useApp } from '../app-context.ts';
import { createLiveList, type LiveList, type LiveListState } from '../live/live-list.ts';
import { useLiveList } from '../live/use-live-list.ts';
import { createListStaleness } from './list-staleness.ts';

const ROWS_AT_FIRST = 25;

/** The newest jobs, of one status or of all, following what the gateway tells. */
export function useJobs(status: ParentStatus | null): {
  state: LiveListState<ParentView>;
  list: LiveList<ParentView> | null;
} {
  const { api, client } = useApp();
  const create = useCallback(
    () =>
      createLiveList<ParentView>({
        order: 'newest_first',
        step: ROWS_AT_FIRST,
        fetchPage: async (page) => {
          const { jobs, next_cursor } = await api.listJobs({ ...page, status });
          for (const { progress } of jobs) client.accept(progress);
          return { rows: jobs, nextCursor: next_cursor };
        },
        // New jobs come in at the top, so a refresh always begins there.
        mayChange: () => true,
        isSame: (a, b) => a.updated_at === b.updated_at && a.progress.version === b.progress.version,
        now: Date.now,
      }),
    [api, client, status],
  );
  const live = useLiveList(create);
  const { list } = live;
  useEffect(() => {
    if (!list) return;
    const staleness = createListStaleness(status);
    return client.subscribe(() => {
      if (staleness.isStale(client.getSnapshot().jobs, list.getSnapshot())) list.refresh();
    });
  }, [client, list, status]);
  return live;
}
