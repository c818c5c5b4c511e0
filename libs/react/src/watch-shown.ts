import type { ProgenyClient } from '@progeny/client';

/** Watches what is shown of a job, behind its end as well: it may be retried. Returns the way out. */
export function watchShown(client: ProgenyClient, jobId: string, onChange: () => void): () => void {
  const leave = client.subscribeJob(jobId, onChange);
  const watch = client.watch(jobId, undefined, { acrossRuns: true });
  return () => {
    watch.stop();
    leave();
  };
}
