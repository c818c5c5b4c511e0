import type { ParentReporter, StatusReport } from '@progeny/reporter';
import type { AnyJob, AttachOptions } from './bridge.ts';
import type { Flows } from './flows.ts';
import { jobErrorOf } from './job-error.ts';
import { progressOf } from './job-progress.ts';
import { createKnownJobs, type KnownJob } from './known-jobs.ts';
import { attemptOf } from './listen.ts';
import { attempted, type Parents } from './parents.ts';
import type { QueueEvent } from './queue-event.ts';

/** Says to the reporter what jobs are and what happens to them. What was said before is not said again. */
export interface Teller {
  isKnown(jobId: string): boolean;
  /** Whether the job has to be read before that event can be told. */
  needsJob(event: QueueEvent): boolean;
  /** `job` is as read after the event, or as the worker has it; undefined when it is gone. */
  tell(event: QueueEvent, job: AnyJob | undefined): void;
  /** The job as it stands in the queue. */
  tellState(job: AnyJob, state: TellableState): void;
  /** Something may have been lost: everything is said again. */
  forget(): void;
}

export type TellableState = 'open' | 'active' | 'completed' | 'failed';

const USUAL_PAYLOAD = ({ name, data }: AnyJob): Record<string, unknown> =>
  typeof data === 'object' && data !== null && !Array.isArray(data)
    ? { job_name: name, ...data }
    : { job_name: name, data };

export function createTeller({
  parents,
  flows,
  payloadOf = USUAL_PAYLOAD,
}: { parents: Parents; flows: Flows } & Pick<AttachOptions, 'payloadOf'>): Teller {
  const known = createKnownJobs();

  const place = (jobId: string, job: AnyJob | undefined): { parent: ParentReporter; key: string } => {
    if (!job) return { parent: parents.of({ timestamp: Date.now() }), key: jobId };
    return flows.of(job) ?? { parent: parents.of(job), key: jobId };
  };
  const meet = (jobId: string, job: AnyJob | undefined): KnownJob => {
    const same = known.get(jobId);
    if (same) return same;
    const met: KnownJob = {
      ...place(jobId, job),
      attempt: 0,
      told: '',
      hasEnded: false,
      ownStarts: 0,
      queueStarts: 0,
    };
    met.parent.addChild(met.key, job && attempted(() => payloadOf(job)));
    known.set(jobId, met);
    return met;
  };
  const say = (met: KnownJob, report: StatusReport) => {
    const told = `${report.status} ${report.attempt}`;
    // What is heard after the end of a try was before it: a walk of the queue may have been faster.
    if (met.told === told || (met.hasEnded && report.attempt <= met.attempt)) return;
    met.hasEnded = report.status !== 'running';
    met.told = told;
    met.attempt = report.attempt;
    met.parent.status(met.key, report);
  };

  return {
    isKnown: (jobId) => known.get(jobId) !== undefined,
    needsJob({ jobId, job, type }) {
      if (job) return false;
      const met = known.get(jobId);
      if (!met) return true;
      // Another try than the first, of another worker: the queue knows which. And of an error it has kept the stack.
      if (type === 'active') return met.attempt > 0 && met.queueStarts >= met.ownStarts;
      return type === 'failed' && !isEcho(met);
    },
    forget: () => known.clear(),
    tell(event, job) {
      const { jobId } = event;
      const met = meet(jobId, job);
      const started = job ? attemptOf(job) : 0;
      if (event.type === 'active') {
        if (event.isOwn) met.ownStarts += 1;
        else met.queueStarts += 1;
      }
      if (!event.isOwn && ECHOED.has(event.type) && isEcho(met)) return;
      switch (event.type) {
        case 'added':
        case 'waiting_children':
          return;
        case 'active': {
          const attempt = event.attempt ?? Math.max(1, met.attempt, started);
          return say(met, { status: 'running', attempt });
        }
        case 'progress': {
          const attempt = event.attempt ?? Math.max(1, met.attempt, started);
          return met.parent.progress(met.key, { attempt, ...progressOf(event.said) });
        }
        case 'completed': {
          const attempt = event.attempt ?? Math.max(1, met.attempt, started);
          return say(met, { status: 'completed', attempt, result: event.result });
        }
        case 'failed': {
          const attempt = event.attempt ?? Math.max(1, met.attempt, started);
          const error = jobErrorOf(event.reason, event.stack ?? lastStackOf(job));
          return say(met, { status: 'failed', attempt, error });
        }
        case 'retrying': {
          const attempt = event.attempt ?? Math.max(1, met.attempt);
          return met.parent.progress(met.key, { attempt, stage: 'waiting_to_retry', label: event.reason });
        }
        case 'stalled':
          if (met.attempt === 0) return;
          return met.parent.progress(met.key, { attempt: met.attempt, stage: 'stalled', label: STALLED });
        case 'removed':
          return say(met, { status: 'cancelled', attempt: Math.max(1, met.attempt) });
      }
    },
    tellState(job, state) {
      const jobId = job.id ?? '';
      const met = meet(jobId, job);
      const attempt = attemptOf(job);
      switch (state) {
        case 'open':
          // One that waits for its next try stays open here as well.
          if (attempt > 0) say(met, { status: 'running', attempt });
          return;
        case 'active':
          return say(met, { status: 'running', attempt: Math.max(1, attempt) });
        case 'completed':
          return say(met, { status: 'completed', attempt: Math.max(1, attempt), result: job.returnvalue });
        case 'failed': {
          const error = jobErrorOf(job.failedReason, lastStackOf(job));
          return say(met, { status: 'failed', attempt: Math.max(1, attempt), error });
        }
      }
    },
  };
}

/** The attached worker says these itself, and better. */
const ECHOED: ReadonlySet<QueueEvent['type']> = new Set(['active', 'progress', 'completed', 'failed']);

/** The present try is the attached worker's: what the queue says of it comes second. */
const isEcho = ({ ownStarts, queueStarts }: KnownJob): boolean => ownStarts > 0 && queueStarts <= ownStarts;

const STALLED = 'Its worker fell silent; it waits for another.';

const lastStackOf = (job: AnyJob | undefined): string | undefined => job?.stacktrace?.at(-1);
