import type { JobStatusChange, StopReason } from '@progeny/contract';
import { isEnded, isParentEnded, RETRYABLE_ENDS } from '@progeny/core';
import { parentChange } from './memory-changes.ts';
import { moveChild, startRun } from './memory-children.ts';
import {
  addMs,
  childrenOf,
  findChild,
  findParent,
  type ParentRow,
  parentOf,
  requireParent,
  seenParents,
  type World,
} from './memory-state.ts';
import { StoreError } from './store-error.ts';

/** It ended, and nothing of it was opened again since. */
export const hasEnded = (world: World, { id, folded, retryRequestedAt }: ParentRow): boolean =>
  isParentEnded(folded.status) &&
  retryRequestedAt === null &&
  childrenOf(world, id).every(({ status }) => isEnded(status));

/** A new version in the same status, as the change that wakes whoever folds. */
export function wakeUp(world: World, parent: ParentRow): JobStatusChange {
  parent.version += 1;
  parent.updatedAt = world.now();
  const { status } = parent.folded;
  return parentChange(world, parent, { from: status, to: status });
}

/** From here on its open children are cancelled, whatever else was ordered before. */
export function stop(parent: ParentRow, reason: StopReason, now: Date): void {
  parent.stop = { at: now, reason };
  parent.sealedAt ??= now;
  parent.pausedAt = null;
  parent.retryRequestedAt = null;
  parent.deadlineAt = null;
}

export function requestCancel(world: World, parentId: string): JobStatusChange[] {
  const parent = requireParent(world, parentId);
  if (hasEnded(world, parent) && parent.stop?.reason !== 'cancelled') throw ended();
  if (parent.stop) return [];
  stop(parent, 'cancelled', world.now());
  return [wakeUp(world, parent)];
}

export function expireDeadlines(world: World, limit: number): JobStatusChange[] {
  const now = world.now();
  return seenParents(world)
    .filter(({ deadlineAt }) => deadlineAt !== null && deadlineAt < now)
    .slice(0, limit)
    .map((parent) => {
      stop(parent, 'deadline_exceeded', now);
      return wakeUp(world, parent);
    });
}

export function pause(world: World, parentId: string): JobStatusChange[] {
  const parent = requireParent(world, parentId);
  if (hasEnded(world, parent)) throw ended();
  if (parent.stop) throw cancelling();
  if (parent.pausedAt) return [];
  parent.pausedAt = world.now();
  return [wakeUp(world, parent)];
}

export function resume(world: World, parentId: string): JobStatusChange[] {
  const parent = requireParent(world, parentId);
  if (hasEnded(world, parent)) throw ended();
  if (!parent.pausedAt) return [];
  parent.pausedAt = null;
  return [wakeUp(world, parent)];
}

export function requestRetryFailed(world: World, parentId: string): JobStatusChange[] {
  const parent = requireParent(world, parentId);
  assertNotStopping(world, parent);
  const hasFailed = childrenOf(world, parentId).some(({ status }) => status === 'failed');
  if (parent.retryRequestedAt || !hasFailed) return [];
  reopen(world, parent);
  parent.retryRequestedAt = world.now();
  return [wakeUp(world, parent)];
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

function assertNotStopping(world: World, parent: ParentRow): void {
  if (parent.stop && !hasEnded(world, parent)) throw cancelling();
}

/** Whatever stopped, paused or sealed an ended parent does not stick to its next run. */
function reopen(world: World, parent: ParentRow): void {
  if (!hasEnded(world, parent)) return;
  parent.stop = null;
  parent.pausedAt = null;
  parent.sealExpired = false;
  parent.deadlineAt = parent.deadlineMs === null ? null : addMs(world.now(), parent.deadlineMs);
}

export function sweep(world: World, parentId: string, limit: number): JobStatusChange[] {
  const parent = findParent(world, parentId);
  if (!parent) return [];
  const children = childrenOf(world, parentId);
  if (parent.stop) {
    // Running ones first: somebody works on them for nothing.
    const open = ['running', 'pending'].flatMap((open) => children.filter(({ status }) => status === open));
    return open.slice(0, limit).flatMap((child) => moveChild(world, child, 'cancelled'));
  }
  const { retryRequestedAt } = parent;
  if (!retryRequestedAt) return [];
  const due = children.filter(
    ({ status, finishedAt }) => status === 'failed' && finishedAt !== null && finishedAt <= retryRequestedAt,
  );
  if (due.length < limit) parent.retryRequestedAt = null;
  if (due.length === 0) return [wakeUp(world, parent)];
  return due.slice(0, limit).flatMap((child) => startRun(world, child));
}

const ended = () => new StoreError('job_ended', 'The job has ended');
const cancelling = () => new StoreError('job_cancelling', 'The job is being stopped');
