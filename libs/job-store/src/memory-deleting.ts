import type { JobStatusChange } from '@progeny/contract';
import { parentChange } from './memory-changes.ts';
import { hasEnded } from './memory-commands.ts';
import { addMs, childrenOf, type ParentRow, requireParent, seenParents, type World } from './memory-state.ts';
import { StoreError } from './store-error.ts';

export function deleteParent(world: World, parentId: string): JobStatusChange[] {
  const parent = requireParent(world, parentId);
  if (!hasEnded(world, parent)) throw new StoreError('job_not_ended', 'The job has not ended');
  return [hide(world, parent)];
}

export function deleteEnded(world: World, olderThanMs: number, limit: number): JobStatusChange[] {
  const latest = addMs(world.now(), -olderThanMs);
  return seenParents(world)
    .filter((parent) => parent.finishedAt !== null && parent.finishedAt < latest && hasEnded(world, parent))
    .slice(0, limit)
    .map((parent) => hide(world, parent));
}

function hide(world: World, parent: ParentRow): JobStatusChange {
  parent.deletedAt = world.now();
  parent.version += 1;
  return parentChange(world, parent, { from: parent.folded.status, to: null });
}

export function removeDeleted(world: World, limit: number): number {
  const deleted = [...world.parents.values()].filter(({ deletedAt }) => deletedAt !== null);
  const children = deleted.flatMap(({ id }) => childrenOf(world, id)).slice(0, limit);
  for (const { id } of children) world.children.delete(id);
  const empty = deleted
    .filter(({ id }) => childrenOf(world, id).length === 0)
    .slice(0, limit - children.length);
  for (const { id } of empty) world.parents.delete(id);
  return children.length + empty.length;
}
