import { assertNever, isTerminal, type JobEvent, type LifecycleEvent, type PipelineEvent } from './wire.ts';

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
  /** Where the progress waits that the next of its kind replaces. */
  const replaced = new Map<string, string>();
  /** Keys of the steps that wait, by job. */
  const steps = new Map<string, string[]>();
  let put = 0;
  const keyOf = (type: string, jobId: string): string => `${type} ${jobId}`;

  const putProgress = (kind: string, event: JobEvent): void => {
    const key = replaced.get(kind);
    const mayTakeItsPlace = key !== undefined && waiting.has(key) && !passed.has(key);
    if (key !== undefined && !mayTakeItsPlace) {
      waiting.delete(key);
      passed.delete(key);
    }
    put += 1;
    const own = mayTakeItsPlace ? key : `${kind} ${put}`;
    replaced.set(kind, own);
    waiting.set(own, event);
  };
  const putLifecycle = (event: LifecycleEvent): void => {
    const { job_id, seq } = event.payload;
    for (const type of ['parent_job_progress', 'JOB_PROGRESS']) {
      const kind = keyOf(type, job_id);
      const key = replaced.get(kind);
      if (key === undefined) continue;
      // What a run ended with is not replaced by what follows in the next.
      if (isTerminal(event)) replaced.delete(kind);
      else if (waiting.has(key)) passed.add(key);
    }
    waiting.set(keyOf(String(seq), job_id), event);
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
          putLifecycle(event);
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
        const kind = keyOf(event.type, event.payload.job_id);
        if (replaced.get(kind) === key) replaced.delete(kind);
        return event;
      }
      return undefined;
    },
  };
}
