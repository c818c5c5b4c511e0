import type { ChildProgress } from '@progeny/client';
import { useCallback, useSyncExternalStore } from 'react';
import { useProgenyClient } from './progeny-provider.tsx';
import { watchShown } from './watch-shown.ts';

/**
 * `useJobProgress` for a child: its status, percentage and stage, also when it is tried again. A row that knows them
 * from a list gives them to `client.accept`.
 */
export function useChildProgress(jobId: string): ChildProgress | undefined {
  const client = useProgenyClient();
  const subscribe = useCallback(
    (onChange: () => void) => watchShown(client, jobId, onChange),
    [client, jobId],
  );
  return useSyncExternalStore(subscribe, () => client.getChild(jobId), nothingYet);
}

const nothingYet = (): undefined => undefined;
