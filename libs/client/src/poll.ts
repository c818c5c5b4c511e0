import type { ParentJobProgress } from '@progeny/contract';
import { isProgress } from './server-frame.ts';
import type { WatchTarget } from './watch-list.ts';

/** Jobs that one poll of everything reads: the newest. */
const POLLED_JOBS = 200;
const POLL_TIMEOUT_MS = 10_000;

export interface PollOptions {
  apiUrl: string;
  fetch: typeof fetch;
  onProgress: (progress: ParentJobProgress) => void;
}

async function readJson(url: string, { fetch }: PollOptions): Promise<unknown> {
  // Taken out of its object: a browser's own fetch refuses to be called as a method of anything else.
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(POLL_TIMEOUT_MS),
  });
  if (response.status >= 500) throw new Error(`the API answered ${response.status}`);
  return response.ok ? response.json() : null;
}

/** Reads the present state over HTTP once. Resolves to whether the API could be reached; never rejects. */
export async function poll(target: WatchTarget, options: PollOptions): Promise<boolean> {
  try {
    if (target === 'all') {
      const list = await readJson(`${options.apiUrl}/v1/jobs?limit=${POLLED_JOBS}`, options);
      const jobs = (list as { jobs?: unknown } | null)?.jobs;
      for (const job of Array.isArray(jobs) ? (jobs as { progress?: unknown }[]) : []) {
        if (isProgress(job.progress)) options.onProgress(job.progress);
      }
      return true;
    }
    for (const jobId of target) {
      const progress = await readJson(
        `${options.apiUrl}/v1/jobs/${encodeURIComponent(jobId)}/progress`,
        options,
      );
      if (isProgress(progress)) options.onProgress(progress);
    }
    return true;
  } catch {
    return false;
  }
}
