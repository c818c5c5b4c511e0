import type { JobStatusChange } from '@progeny/contract';
import { parentChange } from './memory-changes.ts';
import { hasEnded } from './memory-commands.ts';
import { countedIn, familyOf } from './memory-nesting.ts';
import { addMs, childrenOf, type ParentRow, requireParent, seenParents, type World } from './memory-state.ts';
import { StoreError } from './store-error.ts';

export function deleteParent(world: World, parentId: string): JobStatusChange[] {
  const parent = requireParent(world, parentId);
  if (parent.parentId !== null) {
    throw new StoreError('nested_job', 'The job is nested in another, and goes with it');
  }
  if (!hasEnded(world, parent)) throw new StoreError('job_not_ended', 'The job has not ended');
  return [hide(world, parent)];
}

export function deleteEnded(world: World, olderThanMs: number, limit: number): JobStatusChange[] {
  const latest = addMs(world.now(), -olderThanMs);
  return seenParents(world)
    .filter(({ parentId, finishedAt }) => parentId === null && finishedAt !== null && finishedAt < latest)
    .filter((parent) => hasEnded(world, parent))
    .slice(0, limit)
    .map((parent) => hide(world, parent));
}

function hide(world: World, parent: ParentRow): JobStatusChange {
  const deletedAt = world.now();
  for (const nested of familyOf(world, parent)) nested.deletedAt = deletedAt;
  parent.version += 1;
  return parentChange(world, parent, { from: parent.folded.status, to: null });
}

export function removeDeleted(world: World, limit: number): number {
  const deleted = [...world.parents.values()].filter(({ deletedAt }) => deletedAt !== null);
  const children = deleted.flatMap(({ id }) => childrenOf(world, id)).slice(0, limit);
  for (const { id } of children) world.children.delete(id);
  const empty = deleted
    .filter(({ id }) => countedIn(world, id).length === 0)
    .slice(0, limit - children.length);
  for (const { id } of empty) world.parents.delete(id);
  return children.length + empty.length;
}
