import { SENT_AT } from './fake-gateway.ts';
import type { JobEvent, LifecycleEvent, ParentJobProgress } from './wire.ts';

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

const base = (jobId: string) => ({ job_id: jobId, parent_id: null, operation_type: 'crawl' });

export const startedOf = (jobId: string, seq: number): LifecycleEvent => ({
  type: 'JOB_STARTED',
  payload: { ...base(jobId), seq },
  timestamp: SENT_AT,
});
export const completedOf = (jobId: string, seq: number): LifecycleEvent => ({
  type: 'JOB_COMPLETED',
  payload: { ...base(jobId), seq, result: {} },
  timestamp: SENT_AT,
});
export const jobProgressOf = (jobId: string, version: number): JobEvent => ({
  type: 'JOB_PROGRESS',
  payload: { ...base(jobId), version, progress: 5, stage: 's', label: 'l' },
  timestamp: SENT_AT,
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
