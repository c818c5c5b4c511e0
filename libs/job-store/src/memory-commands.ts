import type { JobStatusChange, StopReason } from '@progeny/contract';
import { isEnded, isParentEnded } from '@progeny/core';
import { parentChange } from './memory-changes.ts';
import { countedIn, familyOf } from './memory-nesting.ts';
import { type ParentRow, requireParent, seenParents, type World } from './memory-state.ts';
import { StoreError } from './store-error.ts';

/** It ended, and nothing of it was opened again since. */
export const hasEnded = (world: World, { id, folded, retryRequestedAt }: ParentRow): boolean =>
  isParentEnded(folded.status) &&
  retryRequestedAt === null &&
  countedIn(world, id).every(({ status }) => isEnded(status));

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
  return commandable(world, parent)
    .filter(({ pausedAt }) => pausedAt === null)
    .map((one) => {
      one.pausedAt = world.now();
      return wakeUp(world, one);
    });
}

export function resume(world: World, parentId: string): JobStatusChange[] {
  const parent = requireParent(world, parentId);
  if (hasEnded(world, parent)) throw ended();
  if (!parent.pausedAt) return [];
  return commandable(world, parent)
    .filter(({ pausedAt }) => pausedAt !== null)
    .map((one) => {
      one.pausedAt = null;
      return wakeUp(world, one);
    });
}

/** The parent and those nested in it that have neither ended nor are being stopped. */
const commandable = (world: World, parent: ParentRow): ParentRow[] =>
  familyOf(world, parent).filter((one) => !one.stop && !hasEnded(world, one));

const ended = () => new StoreError('job_ended', 'The job has ended');
export const cancelling = () => new StoreError('job_cancelling', 'The job is being stopped');
