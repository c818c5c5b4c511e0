import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { type CommandState, createCommander } from './commander.ts';
import { useProgenyClient } from './progeny-provider.tsx';

/** Cancel, pause, resume, retry or delete one job. What follows from it comes as progress and events. */
export function useCommand(jobId: string): CommandState {
  const client = useProgenyClient();
  const commander = useMemo(() => createCommander(client, jobId), [client, jobId]);
  const subscribe = useCallback((onChange: () => void) => commander.follow(onChange), [commander]);
  return useSyncExternalStore(subscribe, commander.get, commander.get);
}
