import { randomUUID } from 'node:crypto';
import type { ClaimedChild, ReportAnswer } from '@progeny/contract';
import type { EventBus, Subscription } from '@progeny/event-bus';
import { type Log, type Periodic, runEvery } from '@progeny/kit';
import type { Visit, VisitTask } from '../crawl/visit-page.ts';
import type { ManagerClient } from '../manager/manager-client.ts';
import { createClaimLoop } from './claim-loop.ts';
import { sendHeartbeats } from './heartbeat.ts';
import { createPagePool } from './page-pool.ts';
import { createReportQueue } from './report-queue.ts';

export interface WorkFlow {
  start(): void;
  /** Ends or hands back what is in hand, and reports it. */
  stop(): Promise<void>;
  /** Pages claimed and not yet visited. */
  inHand(): number;
  /** Reports that the manager has not confirmed. */
  reportsWaiting(): number;
}

export interface WorkFlowOptions {
  manager: ManagerClient;
  /** Says when there may be work. */
  bus: EventBus;
  log: Log;
  concurrency: number;
  perHost: number;
  leaseMs: number;
  drainMs: number;
  visit(task: VisitTask): Promise<Visit>;
  onVisited(visit: Visit): void;
  onAnswer(answer: ReportAnswer): void;
}

const REPORT_DRAIN_MS = 3_000;
/** Reports that may wait before nothing new is claimed. */
const REPORTS_WAITING_MAX = 64;

/** Claim, visit, report, and claim again; each of the three parts knows nothing of the others. */
export function createWorkFlow(options: WorkFlowOptions): WorkFlow {
  const { manager, bus, log, leaseMs } = options;
  const reports = createReportQueue({
    manager,
    log,
    onAnswers(answers) {
      for (const answer of answers) options.onAnswer(answer);
      // Links that were just reported are work.
      claims.wake();
    },
  });
  const pool = createPagePool({
    perHost: options.perHost,
    visit: options.visit,
    onVisited(child, visit) {
      logVisit(log, child, visit);
      options.onVisited(visit);
      reports.add({ ...visit, job_id: child.job_id, attempt: child.attempt });
      claims.wake();
    },
  });
  const claims = createClaimLoop({
    manager,
    workerId: `crawl-worker-${randomUUID()}`,
    leaseMs,
    log,
    room: () =>
      reports.waiting.length < REPORTS_WAITING_MAX ? options.concurrency - pool.children.length : 0,
    onClaimed: (claimed) => pool.take(claimed),
  });
  let heartbeats: Periodic | undefined;
  let wakeUps: Subscription[] = [];

  return {
    start() {
      heartbeats = runEvery(leaseMs / 3, {
        name: 'heartbeat',
        log,
        task: () => sendHeartbeats({ manager, leaseMs, pool, reports }),
      });
      // At most some ten a second for each parent, unlike the changes of its children.
      wakeUps = [
        bus.subscribe({ topic: 'parent_job_progress' }, ({ payload }) => {
          if (payload.pending_children > 0) claims.wake();
        }),
        bus.onConnected(() => claims.wake()),
      ];
      claims.start();
    },
    async stop() {
      for (const wakeUp of wakeUps) wakeUp.unsubscribe();
      await Promise.all([claims.stop(), pool.stop(options.drainMs)]);
      // A claim that was under way may have brought some more, which are handed back at once.
      await pool.stop(0);
      const unsent = await reports.drain(REPORT_DRAIN_MS);
      if (unsent.length > 0) log.warn({ reports: unsent.length }, 'stopped with reports unsent');
      await heartbeats?.stop();
    },
    inHand: () => pool.children.length,
    reportsWaiting: () => reports.waiting.length,
  };
}

function logVisit(log: Log, child: ClaimedChild, { status, error }: Visit): void {
  const { job_id, parent_id, attempt, payload } = child;
  log.debug(
    { job_id, parent_id, attempt, url: payload.url, status, error_code: error?.error_code },
    'visited a page',
  );
}
