import { type ChildView, createCrawlSchema, type ParentStatus, type ParentView } from '@progeny/contract';
import { type Counts, toParentJobProgress, zeroCounts } from '@progeny/core';

export const PARENT_ID = '01890000-0000-7000-8000-000000000000';
const AT = '2026-01-01T00:00:00.000Z';

/** A crawl in this status, with these children. */
export function parentOf(
  status: ParentStatus,
  counts: Partial<Counts> = {},
  { version = 1, ...facts }: Partial<ParentView> = {},
): ParentView {
  return {
    job_id: PARENT_ID,
    type: 'crawl',
    run: 1,
    version,
    created_at: AT,
    started_at: AT,
    finished_at: null,
    updated_at: AT,
    parent_id: null,
    key: null,
    name: 'x.example',
    status,
    error: null,
    spec: createCrawlSchema.parse({ type: 'crawl', seeds: ['https://x.example/'] }),
    progress: toParentJobProgress({
      jobId: PARENT_ID,
      parentId: facts.parent_id ?? null,
      version,
      status,
      sealed: true,
      counts: { ...zeroCounts, ...counts },
      childrenPerSecond: 2,
      verifiedAt: null,
    }),
    ...facts,
  };
}

/** A page that failed, but for the given facts. */
export const childOf = (facts: Partial<ChildView> = {}): ChildView => ({
  job_id: '01890000-0000-7000-8000-000000000001',
  parent_id: PARENT_ID,
  type: 'page',
  key: 'https://x.example/a',
  is_parent: false,
  run: 1,
  version: 2,
  status: 'failed',
  attempt: 3,
  progress_percentage: 40,
  progress_stage: 'parsing',
  progress_label: '',
  created_at: AT,
  started_at: AT,
  finished_at: '2026-01-01T00:00:02.500Z',
  updated_at: '2026-01-01T00:00:02.500Z',
  payload: { url: 'https://x.example/a', depth: 1 },
  result: null,
  error: { error_code: 'timeout', user_message: 'The server did not answer.', technical_detail: '' },
  ...facts,
});

export const problem = (
  code: string,
  title: string,
  status: number,
  errors?: { path: string; message: string }[],
): Response => Response.json({ type: 'about:blank', title, status, code, errors }, { status });
