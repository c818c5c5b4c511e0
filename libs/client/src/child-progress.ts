import type { ChildProgress, ChildView } from './http-wire.ts';
import { type ChildStatus, isOfParent, type JobEvent } from './wire.ts';

/** The state of a child after an event of it that is news; null after what is not about a child, or not of its state. */
export function childAfter(known: ChildProgress | undefined, event: JobEvent): ChildProgress | null {
  if (event.type === 'parent_job_progress' || event.type === 'pipeline_event') return null;
  if (isOfParent(event)) return null;
  const { job_id } = event.payload;
  if (event.type === 'JOB_PROGRESS') {
    const { version, progress, stage, label } = event.payload;
    return {
      job_id,
      version,
      status: statusAt(progress, stage),
      progress_percentage: progress,
      progress_stage: stage,
      progress_label: label,
    };
  }
  const before = known ?? { job_id, version: 0, status: 'pending', ...QUEUED };
  switch (event.type) {
    case 'JOB_STARTED':
      // A state that came with it may be further already.
      return isOpen(before.status)
        ? { ...before, status: 'running' }
        : { ...before, status: 'running', ...QUEUED };
    case 'JOB_COMPLETED':
      if (event.payload.result.skipped !== undefined) return { ...before, status: 'skipped' };
      return { ...before, status: 'completed', ...COMPLETE };
    case 'JOB_FAILED':
      return { ...before, status: 'failed' };
    case 'JOB_CANCELLED':
      return { ...before, status: 'cancelled' };
  }
}

export const childOf = ({
  job_id,
  version,
  status,
  progress_percentage,
  progress_stage,
  progress_label,
}: ChildView): ChildProgress => ({
  job_id,
  version,
  status,
  progress_percentage,
  progress_stage,
  progress_label,
});

const QUEUED = { progress_percentage: 0, progress_stage: 'queued', progress_label: '' };
const COMPLETE = { progress_percentage: 100, progress_stage: 'complete', progress_label: '' };

const isOpen = (status: ChildStatus): boolean => status === 'pending' || status === 'running';

/** As the manager shows what has not begun and what is complete. */
function statusAt(progress: number, stage: string): ChildStatus {
  if (progress === 0 && stage === QUEUED.progress_stage) return 'pending';
  return progress === 100 && stage === COMPLETE.progress_stage ? 'completed' : 'running';
}
