import { randomUUID } from 'node:crypto';
import type { LifecycleEvent, ParentJobProgressEvent } from '@progeny/contract';

const timestamp = '2026-01-02T03:04:05.678Z';

export function lifecycleEvent({
  jobId = randomUUID(),
  seq = 1,
}: {
  jobId?: string;
  seq?: number;
} = {}): LifecycleEvent {
  return {
    type: 'JOB_STARTED',
    timestamp,
    payload: { job_id: jobId, parent_id: null, operation_type: 'crawl', seq },
  };
}

export function progressEvent({
  jobId = randomUUID(),
  parentId = null,
  version = 1,
}: {
  jobId?: string;
  parentId?: string | null;
  version?: number;
} = {}): ParentJobProgressEvent {
  return {
    type: 'parent_job_progress',
    timestamp,
    payload: {
      job_id: jobId,
      parent_id: parentId,
      version,
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
