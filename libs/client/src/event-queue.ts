import { assertNever, type JobEvent, type PipelineEvent } from './wire.ts';

/** Steps of one job that wait for it: of more the oldest are left out, as they are in the ledger. */
const QUEUED_STEPS_MAX = 200;
/** Events that wait for a slow reader; beyond it the reading ends with `ReaderTooSlowError`. */
export const QUEUED_EVENTS_MAX = 10_000;

export interface EventQueue {
  /** False when the queue is full. */
  put(event: JobEvent): boolean;
  take(): JobEvent | undefined;
}

/**
 * What a reader has not taken yet: every lifecycle event, the newest steps, and of progress the latest of each job
 * alone. That takes the place of what it replaces, so that a busy job cannot be overtaken for ever, but never passes a lifecycle event of
 * its job.
 */
export function createEventQueue(capacity: number = QUEUED_EVENTS_MAX): EventQueue {
  const waiting = new Map<string, JobEvent>();
  /** Progress behind which a lifecycle event of the same job waits. */
  const passed = new Set<string>();
  /** Keys of the steps that wait, by job. */
  const steps = new Map<string, string[]>();
  const keyOf = (type: string, jobId: string): string => `${type} ${jobId}`;

  const putProgress = (key: string, event: JobEvent): void => {
    if (passed.delete(key)) waiting.delete(key);
    waiting.set(key, event);
  };
  const putStep = (event: PipelineEvent): void => {
    const { job_id, number } = event.payload;
    const key = keyOf(`${event.type} ${number}`, job_id);
    const ofJob = (steps.get(job_id) ?? []).filter((each) => waiting.has(each));
    steps.set(job_id, [...ofJob, key].slice(-QUEUED_STEPS_MAX));
    if (ofJob.length >= QUEUED_STEPS_MAX) waiting.delete(ofJob[0] ?? '');
    waiting.set(key, event);
  };

  return {
    put(event) {
      const { job_id } = event.payload;
      switch (event.type) {
        case 'parent_job_progress':
        case 'JOB_PROGRESS':
          putProgress(keyOf(event.type, job_id), event);
          break;
        case 'JOB_STARTED':
        case 'JOB_COMPLETED':
        case 'JOB_FAILED':
        case 'JOB_CANCELLED':
          for (const type of ['parent_job_progress', 'JOB_PROGRESS']) {
            const key = keyOf(type, job_id);
            if (waiting.has(key)) passed.add(key);
          }
          waiting.set(keyOf(String(event.payload.seq), job_id), event);
          break;
        case 'pipeline_event':
          putStep(event);
          break;
        default:
          assertNever(event);
      }
      return waiting.size <= capacity;
    },
    take() {
      for (const [key, event] of waiting) {
        waiting.delete(key);
        passed.delete(key);
        return event;
      }
      return undefined;
    },
  };
}
