import type { ProgenyClientError, StoredStep } from '@progeny/client';
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { useProgenyClient } from './progeny-provider.tsx';
import { NOTHING_READ } from './reading.ts';
import { createStepFeed, type StepFeed } from './step-feed.ts';

export interface JobSteps {
  /** The newest 200, oldest first. */
  steps: readonly StoredStep[];
  /** True until they were read, or could not be. */
  isLoading: boolean;
  /** Why they could not be read the last time. */
  error: ProgenyClientError | null;
}

const NO_STEPS: JobSteps = { steps: [], ...NOTHING_READ };
const noSteps = (): JobSteps => NO_STEPS;

/**
 * The steps within one job, parent or child, each as it happens and none left out: what is read and what is told meet
 * by their numbers. Empty on a server and while hydrating.
 */
export function useJobSteps(jobId: string): JobSteps {
  const client = useProgenyClient();
  const feed: StepFeed = useMemo(() => createStepFeed(client, jobId), [client, jobId]);
  const subscribe = useCallback((onChange: () => void) => feed.follow(onChange), [feed]);
  return useSyncExternalStore(subscribe, feed.get, noSteps);
}
