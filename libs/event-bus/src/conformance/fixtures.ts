import type {
  JobStatusChangeEvent,
  LifecycleEvent,
  ParentJobProgressEvent,
  ProgenyEvent,
} from '@progeny/contract';
import type { RequestHandlers } from '../event-bus.ts';

const timestamp = '2026-01-02T03:04:05.678Z';

/** A tenant of its own for each test, so that tests on one broker cannot hear each other. */
export const newTenant = () => `tenant-${crypto.randomUUID()}`;
export const newJob = () => crypto.randomUUID();

export function statusChange({ parentId = newJob(), version = 1 } = {}): JobStatusChangeEvent {
  return {
    type: 'job_status_change',
    timestamp,
    payload: {
      event_id: newJob(),
      job_id: newJob(),
      parent_id: parentId,
      tenant_id: 'acme',
      user_id: 'u1',
      job_type: 'page',
      from: 'pending',
      to: 'running',
      attempt: 1,
      run: 1,
      starts_run: true,
      version,
      url: 'https://site.example/ü',
    },
  };
}

export function progress(jobId = newJob(), parentId: string | null = null): ParentJobProgressEvent {
  return {
    type: 'parent_job_progress',
    timestamp,
    payload: {
      job_id: jobId,
      parent_id: parentId,
      version: 1,
      status: 'running',
      sealed: true,
      total_children: 1,
      pending_children: 1,
      running_children: 0,
      completed_children: 0,
      failed_children: 0,
      cancelled_children: 0,
      skipped_children: 0,
      progress_text: '1 pending, 0 running, 0 completed, 0 failed',
      progress_percentage: 0,
      children_per_second: 0,
      eta_seconds: null,
      verified_at: null,
    },
  };
}

export function started(jobId = newJob(), parentId: string | null = null): LifecycleEvent {
  return {
    type: 'JOB_STARTED',
    timestamp,
    payload: { job_id: jobId, parent_id: parentId, operation_type: 'crawl', seq: 1 },
  };
}

/** Of the right type for the compiler, and wrong for the schema. */
export function malformed(): ProgenyEvent {
  const event = statusChange();
  return { ...event, payload: { ...event.payload, version: 0 } };
}

/** Handlers that answer with nothing, except those given. */
export function handlers(given: Partial<RequestHandlers> = {}): RequestHandlers {
  return {
    claim: () => Promise.resolve({ children: [], parents: {} }),
    report: () => Promise.resolve({ reports: [] }),
    heartbeat: () => Promise.resolve({ lost: [] }),
    progress: () => Promise.resolve({ outcomes: [] }),
    command: () => Promise.reject(new Error('nobody asks for this here')),
    explain: () => Promise.reject(new Error('nobody asks for this here')),
    ...given,
  };
}

export const claim = () => ({ worker_id: 'w1', job_types: ['page'], limit: 10 });
