import type { Explanation, ParentJobProgress } from '@progeny/contract';
import { useProgenyClient } from '@progeny/react';
import { useEffect, useEffectEvent } from 'react';
import { useApp } from '../app-context.ts';
import { type Fetched, useFetched } from '../live/use-fetched.ts';

/** Workers and leases change without a change of the counts. */
const ASK_EVERY_MS = 5_000;

/** Why a parent has not ended: read again when its counts change, at most once a second, and every five seconds. */
export function useExplanation({
  job_id: jobId,
  version,
}: ParentJobProgress): Omit<Fetched<Explanation>, 'refresh'> {
  const { api } = useApp();
  const client = useProgenyClient();
  const { value, problem, refresh } = useFetched(() => api.explain(jobId));
  const ask = useEffectEvent(refresh);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version is the reason to ask again
  useEffect(() => {
    ask();
    const timer = setInterval(() => ask(), ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [version]);
  // The counts in it may be newer than those that the socket has brought.
  useEffect(() => {
    if (value) client.accept(value.progress);
  }, [client, value]);
  return { value, problem };
}
