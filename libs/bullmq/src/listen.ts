import type { QueueEvents, QueueEventsListener, WorkerListener } from 'bullmq';
import type { AnyJob, AnyWorker } from './bridge.ts';
import type { QueueEvent } from './queue-event.ts';

/** Which try a job is in, from 1; 0 before the first. It rises with each start, those after a stall and a delay too. */
export const attemptOf = ({ attemptsStarted, attemptsMade }: AnyJob): number =>
  attemptsStarted > 0 ? attemptsStarted : attemptsMade;

/** Takes down what BullMQ says and does no more: it is called in the midst of its work. Returns how to stop. */
export function listen(
  { worker, queueEvents }: { worker: AnyWorker | undefined; queueEvents: QueueEvents | undefined },
  heard: (event: QueueEvent) => void,
): () => void {
  const stops = [worker && listenToWorker(worker, heard), queueEvents && listenToQueue(queueEvents, heard)];
  return () => {
    for (const stop of stops) stop?.();
  };
}

function listenToWorker(worker: AnyWorker, heard: (event: QueueEvent) => void): () => void {
  const own = (job: AnyJob) => ({
    jobId: job.id ?? '',
    job,
    isOwn: true,
    attempt: Math.max(1, attemptOf(job)),
  });
  return attach(worker, {
    active: (job) => heard({ type: 'active', ...own(job) }),
    progress: (job, said) => heard({ type: 'progress', ...own(job), said }),
    completed: (job, result) => heard({ type: 'completed', ...own(job), result }),
    failed(job, { message: reason, stack }) {
      // Undefined when it stalled too often and was removed for it: the queue's own events tell that.
      if (!job) return;
      // BullMQ notes an end alone.
      if (!job.finishedOn) heard({ type: 'retrying', ...own(job), reason });
      else heard({ type: 'failed', ...own(job), reason, ...(stack !== undefined && { stack }) });
    },
    stalled: (jobId) => heard({ type: 'stalled', jobId }),
  } satisfies Partial<WorkerListener>);
}

/** A job that failed and will be tried again waits anew there; `failed` is the end. */
function listenToQueue(queueEvents: QueueEvents, heard: (event: QueueEvent) => void): () => void {
  return attach(queueEvents, {
    added: ({ jobId }) => heard({ type: 'added', jobId }),
    'waiting-children': ({ jobId }) => heard({ type: 'waiting_children', jobId }),
    active: ({ jobId }) => heard({ type: 'active', jobId }),
    progress: ({ jobId, data: said }) => heard({ type: 'progress', jobId, said }),
    completed: ({ jobId, returnvalue: result }) => heard({ type: 'completed', jobId, result }),
    failed: ({ jobId, failedReason: reason }) => heard({ type: 'failed', jobId, reason }),
    stalled: ({ jobId }) => heard({ type: 'stalled', jobId }),
    removed({ jobId, prev }) {
      if (prev !== 'completed' && prev !== 'failed') heard({ type: 'removed', jobId });
    },
  } satisfies Partial<QueueEventsListener>);
}

/** Each by the name of its event. Returns how to take all of them off again. */
function attach<Name extends string>(
  emitter: Emitter<NoInfer<Name>>,
  listeners: Record<Name, (...said: never[]) => void>,
): () => void {
  const entries = Object.entries(listeners) as [Name, (...said: never[]) => void][];
  for (const [name, listener] of entries) emitter.on(name, listener);
  return () => {
    for (const [name, listener] of entries) emitter.off(name, listener);
  };
}

interface Emitter<Name> {
  on(name: Name, listener: (...said: never[]) => void): unknown;
  off(name: Name, listener: (...said: never[]) => void): unknown;
}
