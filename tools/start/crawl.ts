import { connect } from '@progeny/client';
import { CHILD_STATUSES, type ChildStatus, type ParentJobProgress } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import { withClient } from '@progeny/infra';
import { WebSocket } from 'ws';

export interface CrawlAddresses {
  apiUrl: string;
  gatewayUrl: string;
}

export class CrawlRefusedError extends Error {
  readonly code = 'crawl_refused';

  constructor(why: string) {
    super(`the crawl was refused: ${why}`);
    this.name = 'CrawlRefusedError';
  }
}

/** Starts a crawl through the API that everybody uses. Resolves with its id. */
export async function startCrawl(apiUrl: string, seed: string): Promise<string> {
  const response = await fetch(`${apiUrl}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'crawl', seeds: [seed] }),
  });
  const body = (await response.json()) as { job_id?: string; title?: string; detail?: string };
  if (response.ok && body.job_id) return body.job_id;
  throw new CrawlRefusedError(body.detail ?? body.title ?? `status ${response.status}`);
}

/** Hears of every change over the gateway's socket. Resolves with the last state, or null when told to stop. */
export function followJob(
  jobId: string,
  {
    addresses,
    signal,
    onProgress,
  }: {
    addresses: CrawlAddresses;
    signal: AbortSignal;
    onProgress: (progress: ParentJobProgress) => void;
  },
): Promise<ParentJobProgress | null> {
  const client = connect({ url: addresses.gatewayUrl, apiUrl: addresses.apiUrl, WebSocket });
  return new Promise((resolve) => {
    const end = (last: ParentJobProgress | null) => {
      signal.removeEventListener('abort', onAbort);
      client.close();
      resolve(last);
    };
    const onAbort = () => end(null);
    signal.addEventListener('abort', onAbort);
    client.subscribeJob(jobId, () => {
      const progress = client.getJob(jobId);
      if (!progress) return;
      onProgress(progress);
      if (isParentEnded(progress.status)) end(progress);
    });
    client.watch(jobId);
    if (signal.aborted) end(null);
  });
}

export type Buckets = Record<ChildStatus, number>;

export const bucketsOf = (progress: ParentJobProgress): Buckets => ({
  pending: progress.pending_children,
  running: progress.running_children,
  completed: progress.completed_children,
  failed: progress.failed_children,
  cancelled: progress.cancelled_children,
  skipped: progress.skipped_children,
});

/** The truth that the counters have to agree with. */
export async function countRows(databaseUrl: string, parentId: string): Promise<Buckets> {
  const rows = await withClient(databaseUrl, async (client) => {
    const result = await client.query<{ status: ChildStatus; count: number }>(
      'SELECT status, count(*)::int AS count FROM job WHERE parent_id = $1 GROUP BY status',
      [parentId],
    );
    return result.rows;
  });
  const counts = new Map(rows.map(({ status, count }) => [status, count]));
  return Object.fromEntries(CHILD_STATUSES.map((status) => [status, counts.get(status) ?? 0])) as Buckets;
}
