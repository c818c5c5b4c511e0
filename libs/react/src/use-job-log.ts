import type { LogLine, ProgenyClientError } from '@progeny/client';
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { createLogFeed, type LogFeed } from './log-feed.ts';
import { useProgenyClient } from './progeny-provider.tsx';
import { NOTHING_READ } from './reading.ts';

export interface JobLogState {
  /** The newest 200, oldest first. */
  lines: readonly LogLine[];
  /** True until they were read, or could not be. */
  isLoading: boolean;
  /** Why they could not be read the last time. */
  error: ProgenyClientError | null;
}

const NO_LINES: JobLogState = { lines: [], ...NOTHING_READ };
const noLines = (): JobLogState => NO_LINES;

/**
 * What happened to the children of a parent, a line each; read again when its counts change, at most once a second.
 * Empty on a server and while hydrating.
 */
export function useJobLog(jobId: string): JobLogState {
  const client = useProgenyClient();
  const feed: LogFeed = useMemo(() => createLogFeed(client, jobId), [client, jobId]);
  const subscribe = useCallback((onChange: () => void) => feed.follow(onChange), [feed]);
  return useSyncExternalStore(subscribe, feed.get, noLines);
}
