import type { ParentStatus, ParentView } from '@progeny/contract';
import { useJobs, useProgenyClient } from '@progeny/react';
import { useCallback, useEffect, useMemo } from 'react';
import { useApp } from '../app-context.ts';
import { createLiveList, type LiveList, type LiveListState } from '../live/live-list.ts';
import { useEvery } from '../live/use-every.ts';
import { useLiveList } from '../live/use-live-list.ts';
import { createListStaleness } from './list-staleness.ts';

const ROWS_AT_FIRST = 25;
/** A deletion that nobody told of is found by looking. */
const LOOK_EVERY_MS = 10_000;

/** The newest jobs, of one status or of all, following what the gateway tells. */
export function useJobList(status: ParentStatus | null): {
  state: LiveListState<ParentView>;
  list: LiveList<ParentView> | null;
} {
  const { api } = useApp();
  const client = useProgenyClient();
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
  const { list, state } = live;
  const jobs = useJobs();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list has noticed nothing yet
  const staleness = useMemo(() => createListStaleness(status), [list, status]);
  useEffect(() => {
    if (staleness.isStale(jobs, state)) list?.refresh();
  }, [jobs, list, staleness, state]);
  useEvery(LOOK_EVERY_MS, () => list?.refresh());
  return live;
}
