import type { ConnectionState, WatchTarget } from '@progeny/client';
import type { ParentJobProgress } from '@progeny/contract';
import { useCallback, useEffect, useSyncExternalStore } from 'react';
import { useApp } from '../app-context.ts';

export function useConnection(): ConnectionState {
  const { client } = useApp();
  return useSyncExternalStore(client.subscribe, () => client.getSnapshot().connection);
}

/** The newest snapshot of one job. Renders again when that job changes, and for no other. */
export function useJobProgress(jobId: string): ParentJobProgress | undefined {
  const { client } = useApp();
  const subscribe = useCallback(
    (listener: () => void) => client.subscribeJob(jobId, listener),
    [client, jobId],
  );
  return useSyncExternalStore(subscribe, () => client.getJob(jobId));
}

/** Keeps everything, or one job, up to date while the component is there. */
export function useWatch(target: 'all' | { jobId: string }): void {
  const { client } = useApp();
  const jobId = target === 'all' ? null : target.jobId;
  useEffect(() => {
    const watched: WatchTarget = jobId === null ? 'all' : [jobId];
    return client.watch(watched);
  }, [client, jobId]);
}
