import type {
  ChildList,
  ChildStatus,
  CreateJob,
  Explanation,
  JobList,
  JobView,
  PageConfig,
  ParentStatus,
  Problem,
} from '@progeny/contract';
import type { Access } from './access.ts';
import { ApiError, UnreachableError } from './api-error.ts';

const REQUEST_TIMEOUT_MS = 15_000;
/** Statuses of a server in trouble or of a proxy before it, not of a request that is wrong. */
const RETRYABLE_STATUSES: readonly number[] = [408, 429, 500, 502, 503, 504];

export interface PageRequest<Status extends string> {
  status: Status | null;
  /** The id of the last row before the page; null for the first page. */
  cursor: string | null;
  limit: number;
}

export interface ProgenyApi {
  pageConfig(): Promise<PageConfig>;
  listJobs(page: PageRequest<ParentStatus>): Promise<JobList>;
  getJob(jobId: string): Promise<JobView>;
  /** Why a parent has not ended. */
  explain(jobId: string): Promise<Explanation>;
  listChildren(jobId: string, page: PageRequest<ChildStatus>): Promise<ChildList>;
  /** The same key again answers with the job that was created the first time. */
  createJob(job: CreateJob, idempotencyKey: string): Promise<JobView>;
}

export interface ProgenyApiOptions {
  baseUrl: string;
  fetch: typeof fetch;
  /** Told after each request. */
  onAccess: (access: Access) => void;
}

/** The manager's API as far as the page needs it. Rejects with `ApiError` or `UnreachableError`, nothing else. */
export function createProgenyApi({ baseUrl, fetch, onAccess }: ProgenyApiOptions): ProgenyApi {
  async function request(path: string, init: RequestInit = {}): Promise<unknown> {
    try {
      const response = await fetch(`${baseUrl}${path}`, {
        ...init,
        headers: { accept: 'application/json', ...init.headers },
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      if (RETRYABLE_STATUSES.includes(response.status)) throw new UnreachableError();
      const body: unknown = await response.json();
      onAccess(response.status === 401 ? 'signed_out' : 'granted');
      if (!response.ok) throw new ApiError(body as Problem);
      return body;
    } catch (error) {
      if (error instanceof ApiError) throw error;
      onAccess('unreachable');
      throw error instanceof UnreachableError ? error : new UnreachableError(error);
    }
  }

  const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<unknown> =>
    request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  return {
    pageConfig: async () => (await request('/page-config.json')) as PageConfig,
    listJobs: async (page) => (await request(`/v1/jobs?${pageQuery(page)}`)) as JobList,
    getJob: async (jobId) => (await request(`/v1/jobs/${encodeURIComponent(jobId)}`)) as JobView,
    explain: async (jobId) => (await request(`/v1/jobs/${encodeURIComponent(jobId)}/explain`)) as Explanation,
    listChildren: async (jobId, page) =>
      (await request(`/v1/jobs/${encodeURIComponent(jobId)}/children?${pageQuery(page)}`)) as ChildList,
    createJob: async (job, idempotencyKey) =>
      (await post('/v1/jobs', job, { 'idempotency-key': idempotencyKey })) as JobView,
  };
}

function pageQuery({ status, cursor, limit }: PageRequest<string>): URLSearchParams {
  const query = new URLSearchParams({ limit: String(limit) });
  if (status) query.set('status', status);
  if (cursor) query.set('cursor', cursor);
  return query;
}
