import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { createJobList, type JobSummary } from './job-list.ts';
import { useProgenyClient } from './progeny-provider.tsx';

const NO_JOBS: readonly JobSummary[] = [];
const noJobs = (): readonly JobSummary[] => NO_JOBS;

/**
 * All jobs that one may see and that are nested in no other, newest first, watched while the component is there. Renders again when a job came, went
 * or changed its status, never for numbers alone: let each row ask `useJobProgress(job_id)` for those. Empty on a
 * server and while hydrating.
 */
export function useJobs(): readonly JobSummary[] {
  const client = useProgenyClient();
  const subscribe = useCallback(
    (onChange: () => void) => {
      const leave = client.subscribe(onChange);
      const watch = client.watchAll();
      return () => {
        watch.stop();
        leave();
      };
    },
    [client],
  );
  const listOf = useMemo(() => createJobList(), []);
  return useSyncExternalStore(subscribe, () => listOf(client.getSnapshot().jobs), noJobs);
}
