import type { ParentJobProgress } from '@progeny/client';
import { useCallback, useSyncExternalStore } from 'react';
import { useProgenyClient } from './progeny-provider.tsx';
import { watchShown } from './watch-shown.ts';

/**
 * The newest snapshot of one parent, which is watched while the component is there, also when it is retried; undefined
 * until one is known. Renders again when this job changed, at most 20 times a second, and for no other job. On a server,
 * and while hydrating, it is undefined: write `useJobProgress(jobId) ?? known` with what the server rendered.
 */
export function useJobProgress(jobId: string): ParentJobProgress | undefined {
  const client = useProgenyClient();
  const subscribe = useCallback(
    (onChange: () => void) => watchShown(client, jobId, onChange),
    [client, jobId],
  );
  return useSyncExternalStore(subscribe, () => client.getJob(jobId), nothingYet);
}

const nothingYet = (): undefined => undefined;
