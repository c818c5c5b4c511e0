import type { JobEvent } from '@progeny/client';
import { useEffect, useRef } from 'react';
import { useProgenyClient } from './progeny-provider.tsx';

/**
 * Calls back with each event of a job, of all its runs, while the component is there: its lifecycle without a gap or a double, its
 * progress as far as it is new. The newest `onEvent` is called; it need not be the same function each time.
 */
export function useJobEvents(jobId: string, onEvent: (event: JobEvent) => void): void {
  const client = useProgenyClient();
  const latest = useRef(onEvent);
  useEffect(() => {
    latest.current = onEvent;
  }, [onEvent]);
  useEffect(() => {
    const watch = client.watch(jobId, (event) => latest.current(event), { acrossRuns: true });
    return () => watch.stop();
  }, [client, jobId]);
}
