import { randomUUID } from 'node:crypto';
import type { ClaimedChild, JobCommandEvent, ReportAnswer } from '@progeny/contract';
import type { EventBus, Subscription } from '@progeny/event-bus';
import { type Periodic, runEvery } from '@progeny/kit';
import { createClaimLoop } from './claim/claim-loop.ts';
import { sendHeartbeats } from './heartbeat.ts';
import type { JobHandler } from './job.ts';
import { createManagerClient } from './manager/manager-client.ts';
import type { ManagerHttp } from './manager/manager-http.ts';
import { createJobPool } from './pool/job-pool.ts';
import type { Outcome } from './pool/run-job.ts';
import { createProgressQueue } from './progress/progress-queue.ts';
import { createReportQueue } from './report/report-queue.ts';
import type { Worker, WorkerCounters, WorkerLog } from './worker.ts';

export interface WorkerParts {
  /** Says when there may be work, and what was cancelled. Null: nobody does, it asks. */
  bus: EventBus | null;
  /** Null: the bus is the only way to the manager. */
  http: ManagerHttp | null;
  log: WorkerLog;
  name: string;
  kinds: readonly string[];
  handler: JobHandler;
  concurrency: number;
  leaseMs: number;
  drainMs: number;
  onEnded?(child: ClaimedChild, outcome: Outcome): void;
  onAnswer?(answer: ReportAnswer): void;
  /** The last of a stop: nothing is asked of the manager any more. */
  onStopped?(): Promise<void>;
}

const REPORT_DRAIN_MS = 3_000;
/** Reports that may wait before nothing new is claimed, or as many as there are jobs in hand. */
const REPORTS_WAITING_MAX = 64;

/** Claim, work, report, and claim again; each of the parts knows nothing of the others. */
export function createWorkerOn(parts: WorkerParts): Worker {
  const { bus, log, leaseMs, concurrency } = parts;
  const manager = createManagerClient(parts);
  const counters: WorkerCounters = { told: 0, ignored: 0, progressSent: 0, progressLost: 0, handlersLeft: 0 };
  const progress = createProgressQueue({ manager, log, counters });
  const reports = createReportQueue({
    manager,
    log,
    onAnswers(answers) {
      for (const answer of answers) parts.onAnswer?.(answer);
      // Children that were just reported are work.
      claims.wake();
    },
  });
  const pool = createJobPool({
    handler: parts.handler,
    progress,
    onEnded(child, outcome) {
      parts.onEnded?.(child, outcome);
      reports.add({ ...outcome, job_id: child.job_id, attempt: child.attempt });
    },
    onRoom: () => claims.wake(),
    onLeft({ job_id, attempt }) {
      counters.handlersLeft += 1;
      log.warn({ job_id, attempt }, 'a handler does not end though its signal has fired; it is left alone');
    },
  });
  const claims = createClaimLoop({
    manager,
    workerId: `${parts.name}-${randomUUID()}`,
    jobTypes: parts.kinds,
    leaseMs,
    log,
    room: () =>
      reports.waiting.length < Math.max(REPORTS_WAITING_MAX, concurrency) ? concurrency - pool.running : 0,
    onClaimed: (claimed) => pool.take(claimed),
  });
  let heartbeats: Periodic | undefined;
  let listening: Subscription[] = [];
  let stopping: Promise<void> | undefined;

  const letGo = (code: 'cancelled' | 'lease_lost', which: (child: ClaimedChild) => boolean) => {
    for (const child of pool.children.filter(which)) progress.forget(child.job_id);
    pool.abort(code, which);
  };
  const onCommand = ({ payload: { job_id, command } }: JobCommandEvent) => {
    if (command !== 'cancel' && command !== 'delete') return;
    letGo('cancelled', (child) => child.parent_id === job_id || child.job_id === job_id);
  };

  const stop = async () => {
    for (const subscription of listening) subscription.unsubscribe();
    await Promise.all([claims.stop(), pool.stop(parts.drainMs)]);
    const unsent = await reports.drain(REPORT_DRAIN_MS);
    if (unsent.length > 0) log.warn({ reports: unsent.length }, 'stopped with reports unsent');
    await progress.stop();
    await heartbeats?.stop();
    await parts.onStopped?.();
  };

  return {
    start() {
      if (heartbeats || stopping) return;
      heartbeats = runEvery(leaseMs / 3, {
        name: 'heartbeat',
        log,
        task: () =>
          sendHeartbeats({
            manager,
            leaseMs,
            children: [...pool.children, ...reports.waiting],
            onLost(lost) {
              // By its attempt: a child that was lost may have come back meanwhile.
              letGo('lease_lost', ({ job_id, attempt }) => lost.get(job_id) === attempt);
              for (const jobId of lost.keys()) reports.forget(jobId);
            },
          }),
      });
      if (bus) {
        // At most some ten a second for each parent, unlike the changes of its children.
        const onProgress = ({ payload }: { payload: { pending_children: number } }) => {
          if (payload.pending_children > 0) claims.wake();
        };
        listening = [
          bus.subscribe({ topic: 'parent_job_progress' }, onProgress),
          bus.subscribe({ topic: 'job_command' }, onCommand),
          bus.onConnected(() => claims.wake()),
        ];
      }
      claims.start();
    },
    stop() {
      stopping ??= stop();
      return stopping;
    },
    get inHand() {
      return pool.running;
    },
    get reportsWaiting() {
      return reports.waiting.length;
    },
    counters,
    assertManagerThere: () => manager.assertThere(),
  };
}
