import { bulkReportAnswerSchema, type ReportedStatus, reportAnswerSchema } from '@progeny/contract';
import type { Accepted } from './accepted.ts';
import type { Api } from './api.ts';
import type { ChildPlan } from './custom-plan.ts';

export interface Worker {
  api: Api;
  accepted: Accepted;
  /** Does it after so long; what is left when the load ends is done then. */
  later(afterMs: number, act: () => Promise<void>): void;
}

export interface Task {
  jobId: string;
  plan: ChildPlan;
}

interface Report {
  job_id: string;
  status: ReportedStatus;
  attempt: number;
}

type Reporting = 'singly' | 'in bulk';

/** Says that they run, and of those that are taken over that they run again in a second attempt. */
export async function startChildren(
  tasks: readonly Task[],
  reporting: Reporting,
  worker: Worker,
): Promise<void> {
  const announced = tasks.filter(({ plan }) => !plan.endsUnannounced);
  const runs = (attempt: number) => (task: Task) => reportOf(task, 'running', attempt);
  await send(announced.map(runs(1)), reporting, worker);
  await send(announced.filter(({ plan }) => plan.takenOver).map(runs(2)), reporting, worker);
}

/** Says how they end; also twice, from an attempt that is over, and in two ways at once. */
export async function endChildren(
  tasks: readonly Task[],
  reporting: Reporting,
  worker: Worker,
): Promise<void> {
  const attemptOf = ({ plan }: Task) => (plan.takenOver && !plan.endsUnannounced ? 2 : 1);
  const ends = tasks.map((task) => reportOf(task, task.plan.end, attemptOf(task)));
  const contested = tasks
    .filter(({ plan }) => plan.contested)
    .map((task) => reportOf(task, task.plan.end === 'failed' ? 'completed' : 'failed', attemptOf(task)));
  const stale = tasks
    .filter((task) => attemptOf(task) === 2)
    .map((task) => reportOf(task, task.plan.end === 'failed' ? 'completed' : 'failed', 1));
  await send(stale, reporting, worker);
  await Promise.all([send(ends, reporting, worker), send(contested, 'singly', worker)]);
  for (const [index, { plan }] of tasks.entries()) {
    const report = ends[index];
    if (plan.repeatAfterMs === null || !report) continue;
    worker.later(plan.repeatAfterMs, () => send([report], reporting, worker));
  }
}

const reportOf = ({ jobId }: Task, status: ReportedStatus, attempt: number): Report => ({
  job_id: jobId,
  status,
  attempt,
});

async function send(reports: readonly Report[], reporting: Reporting, worker: Worker): Promise<void> {
  if (reports.length === 0) return;
  switch (reporting) {
    case 'in bulk': {
      const { body } = await worker.api.post('/v1/jobs/status', { reports });
      for (const answer of bulkReportAnswerSchema.parse(body).reports) worker.accepted.answer(answer);
      return;
    }
    case 'singly':
      for (const { job_id, ...report } of reports) {
        const { status, body } = await worker.api.post(`/v1/jobs/${job_id}/status`, report);
        // 409: too late, or the child has ended otherwise; then nothing was promised.
        if (status === 200) worker.accepted.answer(reportAnswerSchema.parse(body));
      }
  }
}
