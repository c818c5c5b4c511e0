import type { JobStatusChange } from '@progeny/contract';
import { isEnded, RETRYABLE_ENDS } from '@progeny/core';
import { startRun } from './memory-children.ts';
import { cancelling, hasEnded, wakeUp } from './memory-commands.ts';
import { countedIn, lineOf } from './memory-nesting.ts';
import {
  addMs,
  findChild,
  findParent,
  type ParentRow,
  parentOf,
  requireParent,
  type World,
} from './memory-state.ts';
import { StoreError } from './store-error.ts';

export function requestRetryFailed(world: World, parentId: string): JobStatusChange[] {
  const parent = requireParent(world, parentId);
  assertNotStopping(world, parent);
  const hasFailed = countedIn(world, parentId).some(({ status }) => status === 'failed');
  if (parent.retryRequestedAt || !hasFailed) return [];
  reopen(world, parent);
  return [askToRetry(world, parent)];
}

/** From here on its children that have failed by now are made pending, batch after batch. */
export function askToRetry(world: World, parent: ParentRow): JobStatusChange {
  parent.retryRequestedAt = world.now();
  return wakeUp(world, parent);
}

export function retryChild(world: World, jobId: string): JobStatusChange[] {
  const child = findChild(world, jobId);
  if (!child) {
    throw findParent(world, jobId)
      ? new StoreError('not_a_child', 'The job is a parent')
      : new StoreError('job_not_found', 'There is no such job');
  }
  if (child.run > 1 && !isEnded(child.status)) return [];
  if (!RETRYABLE_ENDS.includes(child.status)) {
    throw new StoreError('not_retryable', 'The child neither failed nor was cancelled');
  }
  const parent = parentOf(world, child);
  assertNotStopping(world, parent);
  reopen(world, parent);
  return startRun(world, child);
}

/** Nor one that it is nested in: whatever ran again there would be cancelled. */
function assertNotStopping(world: World, parent: ParentRow): void {
  if (lineOf(world, parent).some((one) => one.stop && !hasEnded(world, one))) throw cancelling();
}

/** Whatever stopped, paused or sealed ended parents, this one and those around it, does not stick to their next run. */
export function reopen(world: World, parent: ParentRow): void {
  for (const one of lineOf(world, parent).filter((one) => hasEnded(world, one))) {
    one.stop = null;
    one.pausedAt = null;
    one.sealExpired = false;
    one.deadlineAt = one.deadlineMs === null ? null : addMs(world.now(), one.deadlineMs);
  }
}
