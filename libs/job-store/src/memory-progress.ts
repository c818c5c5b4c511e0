import { type JobLog, LIMITS, type PipelineEventList } from '@progeny/contract';
import { type ChildRecord, decideProgress, laterProgress, saysHowFar, toJobProgress } from '@progeny/core';
import type { ChildProgressReport, ProgressSaved } from './job-store.ts';
import { isParentRow } from './memory-nesting.ts';
import {
  appendNumbered,
  type ChildRow,
  findChild,
  findParent,
  type ParentRow,
  parentOf,
  requireParent,
  type World,
} from './memory-state.ts';
import { StoreError } from './store-error.ts';

export function saveProgress(world: World, reports: readonly ChildProgressReport[]): ProgressSaved {
  const moved = new Set<ChildRow>();
  const steps: ProgressSaved['steps'] = [];
  const outcomes = reports.map((report) => {
    const child = findChild(world, report.jobId);
    const job = child ?? findParent(world, report.jobId);
    const outcome = decideProgress(job && tried(job), report);
    if (!job || outcome !== 'applied') return outcome;
    if (child && saysHowFar(report)) {
      takeIn(child, report);
      moved.add(child);
    }
    steps.push(...appendSteps(world, job, report));
    return outcome;
  });
  for (const child of moved) {
    child.version += 1;
    child.updatedAt = world.now();
  }
  const progress = [...moved].map((child) => ({
    owner: parentOf(world, child).owner,
    payload: toJobProgress(recordOf(world, child)),
  }));
  return { outcomes, progress, steps };
}

const tried = (job: ChildRow | ParentRow) =>
  isParentRow(job)
    ? { isChild: false, status: job.folded.status, attempt: 0 }
    : { isChild: true, status: job.status, attempt: job.attempt };

function takeIn(child: ChildRow, report: ChildProgressReport): void {
  const { progress, stage, label = '' } = laterProgress(child.progress, report);
  child.progress = { progress: progress ?? 0, stage: stage ?? '', label };
}

function appendSteps(
  world: World,
  job: ChildRow | ParentRow,
  { steps }: ChildProgressReport,
): ProgressSaved['steps'] {
  const parent = isParentRow(job) ? job : parentOf(world, job);
  const identity = {
    job_id: job.id,
    parent_id: job.parentId,
    operation_type: isParentRow(job) ? job.type : parent.childType,
  };
  return steps.map((step) => {
    const at = world.now().toISOString();
    const stored = appendNumbered(job.steps, LIMITS.pipelineEventsKept, (number) => ({
      number,
      at,
      step: structuredClone(step),
    }));
    return { owner: parent.owner, payload: { ...identity, ...structuredClone(stored) } };
  });
}

/** What is told of a child follows from this. */
export const recordOf = (world: World, child: ChildRow): ChildRecord => {
  const { run, status, version, progress, startedAt, finishedAt, error, result } = child;
  return {
    ...{ job_id: child.id, parent_id: child.parentId, job_type: parentOf(world, child).childType },
    ...{ run, status, version, progress, startedAt, finishedAt, result: structuredClone(result) },
    ...(error && { error: structuredClone(error) }),
  };
};

export function listSteps(world: World, jobId: string): PipelineEventList {
  const job = findChild(world, jobId) ?? findParent(world, jobId);
  if (!job) throw new StoreError('job_not_found', 'There is no such job');
  return { events: structuredClone(job.steps) };
}

export const listLog = (world: World, parentId: string): JobLog => ({
  lines: structuredClone(requireParent(world, parentId).log),
});
