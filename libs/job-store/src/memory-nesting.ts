import type { ChildStatus } from '@progeny/contract';
import { childStatusOf } from '@progeny/core';
import { type ChildRow, childrenOf, type MemoryState, type ParentRow, type World } from './memory-state.ts';

/** Parents that are nested in that one, the oldest first. */
export const nestedIn = (world: Pick<MemoryState, 'parents'>, parentId: string): ParentRow[] =>
  [...world.parents.values()].filter((parent) => parent.parentId === parentId);

/** The parent that this one is nested in. */
export const outerOf = (
  world: Pick<MemoryState, 'parents'>,
  { parentId }: ParentRow,
): ParentRow | undefined => (parentId === null ? undefined : world.parents.get(parentId));

/** The parent, the one that it is nested in, and so on to the outermost. */
export function lineOf(world: Pick<MemoryState, 'parents'>, parent: ParentRow): ParentRow[] {
  const outer = outerOf(world, parent);
  return [parent, ...(outer ? lineOf(world, outer) : [])];
}

/** The parent and all that are nested in it, however deep, in the order of ids. */
export const familyOf = (world: World, parent: ParentRow): ParentRow[] =>
  [...world.parents.values()].filter((other) => lineOf(world, other).includes(parent));

/** The bucket of a nested parent in the counts of the one around it. */
export const bucketOf = ({ folded }: ParentRow): ChildStatus => childStatusOf(folded.status);

export const keyOf = ({ id, key }: ParentRow): string => key ?? id;

export const isParentRow = (job: ChildRow | ParentRow): job is ParentRow => 'folded' in job;

/** A child as its parent counts it: a plain one, or a parent that is nested in it. */
export interface Counted {
  id: string;
  key: string;
  status: ChildStatus;
  finishedAt: Date | null;
  row: ChildRow | ParentRow;
}

/** All children of a parent, the oldest first. */
export const countedIn = (world: MemoryState, parentId: string): Counted[] =>
  [
    ...childrenOf(world, parentId).map((row) => ({ ...counted(row), key: row.key, status: row.status })),
    ...nestedIn(world, parentId).map((row) => ({ ...counted(row), key: keyOf(row), status: bucketOf(row) })),
  ].sort((a, b) => (a.id < b.id ? -1 : 1));

const counted = (row: ChildRow | ParentRow) => ({ id: row.id, finishedAt: row.finishedAt, row });
