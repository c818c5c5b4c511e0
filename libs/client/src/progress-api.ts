import { isChildProgress, isJobView, isProblem } from './http-answer.ts';
import type { ChildProgress } from './http-wire.ts';
import { isProgress } from './server-frame.ts';
import { bearer, type TokenSource } from './token-source.ts';
import { type JobProgressEvent, LISTED_JOBS_MAX, LONG_POLL_SECONDS, type ParentJobProgress } from './wire.ts';

/** Beyond what a request is told to wait. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Jobs whose last answer is kept; beyond it all are asked for in full once more. */
const ANSWERS_MAX = 500;

/** The state of a job as it was read; of a child with what a live event says of whose it is. */
export type PolledState =
  | { kind: 'parent'; progress: ParentJobProgress }
  | { kind: 'child'; progress: ChildProgress; family: Family };

type Family = Pick<JobProgressEvent['payload'], 'parent_id' | 'operation_type'>;

export interface ProgressApiOptions {
  apiUrl: string;
  fetch: typeof globalThis.fetch;
  tokens: TokenSource;
  onState: (state: PolledState) => void;
  /** The manager has no such job for us. */
  onNone: (jobId: string) => void;
}

/** Reads the present state from the manager over HTTP. Each resolves to whether it was reached, and never rejects. */
export interface ProgressApi {
  /** With `wait`, answers as soon as there is something newer, or after 25 s. */
  readJob(jobId: string, options: { wait: boolean; signal: AbortSignal }): Promise<boolean>;
  /** The newest 200 jobs; beyond them only those that are named. */
  readAll(named: readonly string[], options: { signal: AbortSignal }): Promise<boolean>;
}

export function createProgressApi(options: ProgressApiOptions): ProgressApi {
  const { apiUrl, tokens, onState, onNone } = options;
  const families = new Map<string, Family>();
  /** What the API said last, so that it may say that nothing has changed. */
  const answers = new Map<string, { etag: string; state: PolledState }>();

  const request = async (path: string, headers: Record<string, string>, ms: number, outer: AbortSignal) => {
    const own = new AbortController();
    const abort = (): void => {
      clearTimeout(timer);
      own.abort();
    };
    const timer = setTimeout(abort, ms);
    outer.addEventListener('abort', abort);
    try {
      // Taken out of its object: a browser's own fetch refuses to be called as a method of anything else.
      const { fetch } = options;
      const response = await fetch(`${apiUrl}${path}`, {
        headers: { accept: 'application/json', ...headers, ...bearer(await tokens.recent()) },
        cache: 'no-store',
        signal: own.signal,
      });
      if (response.status === 401) tokens.forget();
      if (response.status >= 500 || response.status === 401) {
        throw new Error(`the API answered ${response.status}`);
      }
      const { status, headers: answered } = response;
      const body: unknown = await (response.ok ? response.json() : response.json().catch(() => null));
      return { status, etag: answered.get('etag'), body };
    } finally {
      clearTimeout(timer);
      outer.removeEventListener('abort', abort);
    }
  };
  const reached = (reading: Promise<void>): Promise<boolean> =>
    reading.then(
      () => true,
      () => false,
    );

  const readJob = async (jobId: string, wait: boolean, signal: AbortSignal): Promise<void> => {
    const known = answers.get(jobId);
    const { status, etag, body } = await request(
      `/v1/jobs/${encodeURIComponent(jobId)}/progress${wait ? `?wait=${LONG_POLL_SECONDS}` : ''}`,
      known ? { 'if-none-match': known.etag } : {},
      ANSWER_TIMEOUT_MS + (wait ? LONG_POLL_SECONDS * 1_000 : 0),
      signal,
    );
    // A 404 of anybody between us and the manager says nothing of the job.
    if (status === 404 && isProblem(body) && body.code === 'job_not_found') {
      return onNone(jobId);
    }
    const state = status === 304 ? known?.state : await stateIn(body, signal);
    if (!state) return;
    if (answers.size >= ANSWERS_MAX) answers.clear();
    if (etag !== null) answers.set(jobId, { etag, state });
    onState(state);
  };
  const stateIn = async (body: unknown, signal: AbortSignal): Promise<PolledState | undefined> => {
    if (isProgress(body)) return { kind: 'parent', progress: body };
    if (!isChildProgress(body)) return undefined;
    const family = await familyOf(body.job_id, signal);
    return family && { kind: 'child', progress: body, family };
  };
  const familyOf = async (jobId: string, signal: AbortSignal): Promise<Family | undefined> => {
    const known = families.get(jobId);
    if (known) return known;
    const { body } = await request(`/v1/jobs/${encodeURIComponent(jobId)}`, {}, ANSWER_TIMEOUT_MS, signal);
    if (!isJobView(body)) return undefined;
    if (families.size >= ANSWERS_MAX) families.clear();
    const family = { parent_id: body.parent_id, operation_type: body.type };
    families.set(jobId, family);
    return family;
  };

  return {
    readJob: (jobId, { wait, signal }) => reached(readJob(jobId, wait, signal)),
    readAll: (named, { signal }) =>
      reached(
        (async () => {
          const { body } = await request(`/v1/jobs?limit=${LISTED_JOBS_MAX}`, {}, ANSWER_TIMEOUT_MS, signal);
          const jobs = (body as { jobs?: unknown } | null)?.jobs;
          const missing = new Set(named);
          for (const job of Array.isArray(jobs) ? (jobs as { progress?: unknown }[]) : []) {
            if (!isProgress(job.progress)) continue;
            missing.delete(job.progress.job_id);
            onState({ kind: 'parent', progress: job.progress });
          }
          for (const jobId of missing) await readJob(jobId, false, signal);
        })(),
      ),
  };
}
