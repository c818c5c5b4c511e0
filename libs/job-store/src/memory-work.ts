import type { JobError, JobStatusChange, ReportAnswer } from '@progeny/contract';
import { decideReport, hasTriesLeft, retryDelayMs } from '@progeny/core';
import type { ChildReport } from './job-store.ts';
import { insertChildren, moveChild } from './memory-children.ts';
import { addMs, type ChildRow, findChild, parentOf, type World } from './memory-state.ts';

interface Reported {
  answer: ReportAnswer;
  changes: JobStatusChange[];
}

export function report(world: World, reports: readonly ChildReport[]) {
  const reported = reports.map((one) => reportOne(world, one));
  return {
    answers: reported.map(({ answer }) => answer),
    changes: reported.flatMap(({ changes }) => changes),
  };
}

function reportOne(world: World, given: ChildReport): Reported {
  const child = findChild(world, given.jobId);
  if (!child) {
    return {
      answer: { job_id: given.jobId, outcome: 'unknown_job', status: null, attempt: null },
      changes: [],
    };
  }
  const decision = decideReport(child, given);
  const changes = 'to' in decision ? apply(world, child, given, decision) : [];
  const { status, attempt } = child;
  return { answer: { job_id: child.id, outcome: decision.outcome, status, attempt }, changes };
}

function apply(
  world: World,
  child: ChildRow,
  given: ChildReport,
  { outcome, to }: Extract<ReturnType<typeof decideReport>, { to: unknown }>,
): JobStatusChange[] {
  const error = to === 'completed' ? null : (given.error ?? child.error);
  if (outcome === 'retrying') {
    const dueAt = addMs(world.now(), retryDelayMs(given.attempt - child.runBase));
    return moveChild(world, child, to, { attempt: given.attempt, dueAt, error });
  }
  const moved = moveChild(world, child, to, {
    attempt: given.attempt,
    error,
    result: given.result ? structuredClone(given.result) : child.result,
    text: given.text ?? child.text,
  });
  const parent = parentOf(world, child);
  // A stopped parent would only have them swept away again.
  const found = parent.stop ? [] : (given.children ?? []);
  return [...moved, ...insertChildren(world, parent, found).changes];
}

export function heartbeat(
  world: World,
  claims: readonly { jobId: string; attempt: number }[],
  leaseMs: number,
): { lost: string[] } {
  const now = world.now();
  const lost: string[] = [];
  for (const { jobId, attempt } of claims) {
    const child = findChild(world, jobId);
    if (child?.status === 'running' && child.attempt === attempt && !isTimedOut(child, now)) {
      child.leaseExpiresAt = leaseEnd(child.timesOutAt, addMs(now, leaseMs));
    } else {
      lost.push(jobId);
    }
  }
  return { lost };
}

/** A lease never reaches beyond the time-out of its try. */
export const leaseEnd = (timesOutAt: Date | null, wanted: Date): Date =>
  timesOutAt !== null && timesOutAt < wanted ? timesOutAt : wanted;

const isTimedOut = ({ timesOutAt }: ChildRow, now: Date): boolean => timesOutAt !== null && timesOutAt <= now;

export function reapExpired(world: World, limit: number): JobStatusChange[] {
  const now = world.now();
  return [...world.children.values()]
    .filter((child) => child.leaseExpiresAt !== null && child.leaseExpiresAt <= now)
    .slice(0, limit)
    .flatMap((child) =>
      hasTriesLeft(child, child.attempt)
        ? moveChild(world, child, 'pending', { dueAt: now })
        : moveChild(world, child, 'failed', {
            error: isTimedOut(child, now) ? timedOut(child) : leaseExpired(child),
          }),
    );
}

const leaseExpired = ({ attempt }: ChildRow): JobError => ({
  error_code: 'lease_expired',
  user_message: 'The worker fell silent and no attempt is left.',
  technical_detail: `The lease of attempt ${attempt} ran out.`,
});

const timedOut = ({ attempt }: ChildRow): JobError => ({
  error_code: 'timed_out',
  user_message: 'It took longer than it may, and no attempt is left.',
  technical_detail: `Attempt ${attempt} timed out.`,
});
