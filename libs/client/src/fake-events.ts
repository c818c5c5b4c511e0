import { SENT_AT } from './fake-gateway.ts';
import type { ChildProgress, ChildView, ParentView } from './http-wire.ts';
import type { JobEvent, JobProgressEvent, LifecycleEvent, ParentJobProgress, PipelineEvent } from './wire.ts';

/** The same id for the same name. */
export const idOf = (name: string): string => {
  const digits = [...name].map((letter) => letter.charCodeAt(0).toString(16)).join('');
  return `00000000-0000-7000-8000-${digits.slice(-12).padStart(12, '0')}`;
};

export const A = idOf('a');
export const B = idOf('b');

export const progressOf = (
  jobId: string,
  version: number,
  more: Partial<ParentJobProgress> = {},
): ParentJobProgress => ({
  job_id: jobId,
  parent_id: jobId === D ? A : null,
  version,
  status: 'running',
  sealed: false,
  total_children: version,
  pending_children: 0,
  running_children: 0,
  completed_children: version,
  failed_children: 0,
  cancelled_children: 0,
  skipped_children: 0,
  progress_text: `0 pending, 0 running, ${version} completed, 0 failed`,
  progress_percentage: 99,
  children_per_second: 1,
  eta_seconds: null,
  verified_at: null,
  ...more,
});

export const stateOf = (
  jobId: string,
  version: number,
  status: ParentJobProgress['status'] = 'running',
): JobEvent => ({
  type: 'parent_job_progress',
  payload: progressOf(jobId, version, { status }),
  timestamp: SENT_AT,
});

/** A child of A. */
export const C = idOf('c');

/** A parent that is nested in A. */
export const D = idOf('d');

const base = (jobId: string) => ({
  job_id: jobId,
  parent_id: jobId === C || jobId === D ? A : null,
  operation_type: 'crawl',
});
const lifecycleBase = (jobId: string, seq: number) => ({
  ...base(jobId),
  ...(jobId === D && { is_parent: true as const }),
  seq,
});

export const startedOf = (jobId: string, seq: number): LifecycleEvent => ({
  type: 'JOB_STARTED',
  payload: lifecycleBase(jobId, seq),
  timestamp: SENT_AT,
});
export const completedOf = (
  jobId: string,
  seq: number,
  result: Record<string, unknown> = {},
): LifecycleEvent => ({
  type: 'JOB_COMPLETED',
  payload: { ...lifecycleBase(jobId, seq), result },
  timestamp: SENT_AT,
});
export const failedOf = (jobId: string, seq: number): LifecycleEvent => ({
  type: 'JOB_FAILED',
  payload: {
    ...lifecycleBase(jobId, seq),
    error: { error_code: 'broken', user_message: 'It broke.', technical_detail: '' },
  },
  timestamp: SENT_AT,
});
export const jobProgressOf = (
  jobId: string,
  version: number,
  { progress = 5, stage = 's', label = 'l' } = {},
): JobProgressEvent => ({
  type: 'JOB_PROGRESS',
  payload: { ...base(jobId), version, progress, stage, label },
  timestamp: SENT_AT,
});
export const stepOf = (jobId: string, number: number): PipelineEvent => ({
  type: 'pipeline_event',
  payload: { ...base(jobId), number, at: SENT_AT, step: { event: 'page_started', page_index: number } },
  timestamp: SENT_AT,
});
export const childProgressOf = (version: number, more: Partial<ChildProgress> = {}): ChildProgress => ({
  job_id: C,
  version,
  status: 'running',
  progress_percentage: 40,
  progress_stage: 'parsing',
  progress_label: '',
  ...more,
});
/** What the manager says of C. */
export const childViewOf = (version: number, more: Partial<ChildView> = {}): ChildView => ({
  ...childProgressOf(version),
  type: 'crawl',
  run: 1,
  parent_id: A,
  key: 'https://site.example/',
  is_parent: false,
  attempt: 1,
  payload: {},
  result: null,
  error: null,
  created_at: SENT_AT,
  started_at: SENT_AT,
  finished_at: null,
  updated_at: SENT_AT,
  ...more,
});

/** What the manager says of a parent. */
export const parentViewOf = (jobId: string, version: number, more: Partial<ParentView> = {}): ParentView => ({
  job_id: jobId,
  type: 'crawl',
  run: 1,
  version,
  created_at: SENT_AT,
  started_at: SENT_AT,
  finished_at: null,
  updated_at: SENT_AT,
  parent_id: null,
  key: null,
  name: 'site.example',
  status: 'running',
  error: null,
  spec: {},
  progress: progressOf(jobId, version),
  ...more,
});

/** `P3` for progress of version 3, `S1` for the start, `E2` for the end, `J4` for JOB_PROGRESS, `N5` for a step. */
export function short(event: JobEvent): string {
  switch (event.type) {
    case 'parent_job_progress':
      return `P${event.payload.version}`;
    case 'JOB_PROGRESS':
      return `J${event.payload.version}`;
    case 'JOB_STARTED':
      return `S${event.payload.seq}`;
    case 'pipeline_event':
      return `N${event.payload.number}`;
    default:
      return `E${event.payload.seq}`;
  }
}
