import type { QueueEvents } from 'bullmq';
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
  const onActive = (job: AnyJob) => heard({ type: 'active', ...own(job) });
  const onProgress = (job: AnyJob, said: unknown) => heard({ type: 'progress', ...own(job), said });
  const onCompleted = (job: AnyJob, result: unknown) => heard({ type: 'completed', ...own(job), result });
  const onFailed = (job: AnyJob | undefined, { message: reason, stack }: Error) => {
    // Undefined when it stalled too often and was removed for it: the queue's own events tell that.
    if (!job) return;
    // BullMQ notes an end alone.
    if (!job.finishedOn) heard({ type: 'retrying', ...own(job), reason });
    else heard({ type: 'failed', ...own(job), reason, ...(stack !== undefined && { stack }) });
  };
  const onStalled = (jobId: string) => heard({ type: 'stalled', jobId });
  worker.on('active', onActive);
  worker.on('progress', onProgress);
  worker.on('completed', onCompleted);
  worker.on('failed', onFailed);
  worker.on('stalled', onStalled);
  return () => {
    worker.off('active', onActive);
    worker.off('progress', onProgress);
    worker.off('completed', onCompleted);
    worker.off('failed', onFailed);
    worker.off('stalled', onStalled);
  };
}

/** A job that failed and will be tried again waits anew there; `failed` is the end. */
function listenToQueue(queueEvents: QueueEvents, heard: (event: QueueEvent) => void): () => void {
  const onAdded = ({ jobId }: { jobId: string }) => heard({ type: 'added', jobId });
  const onWaitingChildren = ({ jobId }: { jobId: string }) => heard({ type: 'waiting_children', jobId });
  const onActive = ({ jobId }: { jobId: string }) => heard({ type: 'active', jobId });
  const onProgress = ({ jobId, data: said }: { jobId: string; data: unknown }) =>
    heard({ type: 'progress', jobId, said });
  const onCompleted = ({ jobId, returnvalue: result }: { jobId: string; returnvalue: unknown }) =>
    heard({ type: 'completed', jobId, result });
  const onFailed = ({ jobId, failedReason: reason }: { jobId: string; failedReason: string }) =>
    heard({ type: 'failed', jobId, reason });
  const onStalled = ({ jobId }: { jobId: string }) => heard({ type: 'stalled', jobId });
  const onRemoved = ({ jobId, prev }: { jobId: string; prev: string }) => {
    if (prev !== 'completed' && prev !== 'failed') heard({ type: 'removed', jobId });
  };
  queueEvents.on('added', onAdded);
  queueEvents.on('waiting-children', onWaitingChildren);
  queueEvents.on('active', onActive);
  queueEvents.on('progress', onProgress);
  queueEvents.on('completed', onCompleted);
  queueEvents.on('failed', onFailed);
  queueEvents.on('stalled', onStalled);
  queueEvents.on('removed', onRemoved);
  return () => {
    queueEvents.off('added', onAdded);
    queueEvents.off('waiting-children', onWaitingChildren);
    queueEvents.off('active', onActive);
    queueEvents.off('progress', onProgress);
    queueEvents.off('completed', onCompleted);
    queueEvents.off('failed', onFailed);
    queueEvents.off('stalled', onStalled);
    queueEvents.off('removed', onRemoved);
  };
}
