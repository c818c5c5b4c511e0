import type { JobStatusChange, ReportAnswer } from '@progeny/contract';
import { decideReport, MAX_ATTEMPTS, retryDelayMs } from '@progeny/core';
import type { ChildReport, ClaimOptions, JobStore } from './job-store.ts';
import { insertChildren, moveChild } from './memory-children.ts';
import { addMs, type ChildRow, parentOf, type World } from './memory-state.ts';

export function claim(
  world: World,
  { workerId, jobTypes, limit, leaseMs }: ClaimOptions,
): Awaited<ReturnType<JobStore['claim']>> {
  const now = world.now();
  const due = [...world.children.values()].filter((child) => {
    const { cancelRequestedAt, childType } = parentOf(world, child);
    return (
      child.status === 'pending' && child.dueAt <= now && !cancelRequestedAt && jobTypes.includes(childType)
    );
  });
  const claimed = due.slice(0, limit);
  const leaseExpiresAt = addMs(now, leaseMs);
  const changes = claimed.flatMap((child) =>
    moveChild(world, child, 'running', {
      attempt: child.attempt + 1,
      leaseExpiresAt,
      leaseOwner: workerId,
    }),
  );
  return {
    children: claimed.map((child) => ({
      job_id: child.id,
      parent_id: child.parentId,
      job_type: parentOf(world, child).childType,
      key: child.key,
      payload: structuredClone(child.payload),
      attempt: child.attempt,
      lease_expires_at: leaseExpiresAt.toISOString(),
    })),
    parents: Object.fromEntries(
      claimed.map((child) => [child.parentId, structuredClone(parentOf(world, child).spec)]),
    ),
    changes,
  };
}

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
  const child = world.children.get(given.jobId);
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
    const dueAt = addMs(world.now(), retryDelayMs(given.attempt));
    return moveChild(world, child, to, { attempt: given.attempt, dueAt, error });
  }
  const moved = moveChild(world, child, to, {
    attempt: given.attempt,
    error,
    result: given.result ? structuredClone(given.result) : child.result,
    text: given.text ?? child.text,
  });
  const parent = parentOf(world, child);
  // A cancelled parent would only have them swept away again.
  const found = parent.cancelRequestedAt ? [] : (given.children ?? []);
  return [...moved, ...insertChildren(world, parent, found).changes];
}

export function heartbeat(
  world: World,
  claims: readonly { jobId: string; attempt: number }[],
  leaseMs: number,
): { lost: string[] } {
  const lost: string[] = [];
  for (const { jobId, attempt } of claims) {
    const child = world.children.get(jobId);
    if (child?.status === 'running' && child.attempt === attempt) {
      child.leaseExpiresAt = addMs(world.now(), leaseMs);
    } else {
      lost.push(jobId);
    }
  }
  return { lost };
}

export function reapExpired(world: World, limit: number): JobStatusChange[] {
  const now = world.now();
  return [...world.children.values()]
    .filter((child) => child.leaseExpiresAt !== null && child.leaseExpiresAt <= now)
    .slice(0, limit)
    .flatMap((child) =>
      child.attempt < MAX_ATTEMPTS
        ? moveChild(world, child, 'pending', { dueAt: now })
        : moveChild(world, child, 'failed', {
            error: {
              error_code: 'lease_expired',
              user_message: 'The worker fell silent and no attempt is left.',
              technical_detail: `The lease of attempt ${child.attempt} ran out.`,
            },
          }),
    );
}
