import { type JobLog, LIMITS, type PipelineEventList, type ProgressOutcome } from '@progeny/contract';
import { type ChildRecord, toJobProgress } from '@progeny/core';
import type { ChildProgressReport, OwnedEvent, ProgressSaved } from './job-store.ts';
import {
  appendNumbered,
  type ChildRow,
  findChild,
  findParent,
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
    const outcome = outcomeOf(child, report);
    if (!child || outcome !== 'applied') return outcome;
    if (saysHowFar(report)) moved.add(child);
    const { progress, stage, label } = child.progress;
    child.progress = {
      progress: report.progress ?? progress,
      stage: report.stage ?? stage,
      label: report.label ?? label,
    };
    steps.push(...appendSteps(world, child, report));
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

function outcomeOf(child: ChildRow | undefined, { attempt }: ChildProgressReport): ProgressOutcome {
  if (!child) return 'unknown_job';
  if (attempt !== undefined && attempt < child.attempt) return 'stale_attempt';
  const isPresent = attempt === undefined || attempt === child.attempt;
  return child.status === 'running' && isPresent ? 'applied' : 'not_running';
}

const saysHowFar = ({ progress, stage, label }: ChildProgressReport): boolean =>
  progress !== undefined || stage !== undefined || label !== undefined;

function appendSteps(world: World, child: ChildRow, { steps }: ChildProgressReport): ProgressSaved['steps'] {
  const { owner, childType } = parentOf(world, child);
  const job = { job_id: child.id, parent_id: child.parentId, operation_type: childType };
  return steps.map((step): OwnedEvent<ProgressSaved['steps'][number]['payload']> => {
    const at = world.now().toISOString();
    const stored = appendNumbered(child.steps, LIMITS.pipelineEventsKept, (number) => ({
      number,
      at,
      step: structuredClone(step),
    }));
    return { owner, payload: { ...job, ...structuredClone(stored) } };
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
  const child = findChild(world, jobId);
  if (child) return { events: structuredClone(child.steps) };
  if (findParent(world, jobId)) return { events: [] };
  throw new StoreError('job_not_found', 'There is no such job');
}

export const listLog = (world: World, parentId: string): JobLog => ({
  lines: structuredClone(requireParent(world, parentId).log),
});
