import { type JobLog, LIMITS, type PipelineEventList, type ProgressOutcome } from '@progeny/contract';
import { type ChildRecord, toJobProgress } from '@progeny/core';
import type { ChildProgressReport, ProgressSaved } from './job-store.ts';
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
    const outcome = outcomeOf(child, job, report);
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

/** Steps are of the try that they happened in, even when it has ended since; progress is of one that runs. */
function outcomeOf(
  child: ChildRow | undefined,
  job: ChildRow | ParentRow | undefined,
  report: ChildProgressReport,
): ProgressOutcome {
  if (!job) return 'unknown_job';
  if (report.attempt !== undefined && report.attempt < (child?.attempt ?? 0)) return 'stale_attempt';
  return saysHowFar(report) && child?.status !== 'running' ? 'not_running' : 'applied';
}

const saysHowFar = ({ progress, stage, label }: ChildProgressReport): boolean =>
  progress !== undefined || stage !== undefined || label !== undefined;

function takeIn(child: ChildRow, { progress, stage, label }: ChildProgressReport): void {
  const before = child.progress;
  child.progress = {
    progress: progress ?? before.progress,
    stage: stage ?? before.stage,
    // A label is the words for one stage.
    label: label ?? (stage === undefined ? before.label : ''),
  };
}

function appendSteps(
  world: World,
  job: ChildRow | ParentRow,
  { steps }: ChildProgressReport,
): ProgressSaved['steps'] {
  const parent = 'parentId' in job ? parentOf(world, job) : job;
  const identity =
    'parentId' in job
      ? { job_id: job.id, parent_id: job.parentId, operation_type: parent.childType }
      : { job_id: job.id, parent_id: null, operation_type: parent.type };
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
