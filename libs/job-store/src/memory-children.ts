import type { AddedChild, ChildInput, ChildStatus, JobStatusChange } from '@progeny/contract';
import { isEnded } from '@progeny/core';
import {
  type ChildRow,
  childChange,
  childrenOf,
  type ParentRow,
  parentOf,
  type World,
} from './memory-state.ts';

/** Takes children on as far as `maxChildren` allows; a key that exists is the same child. */
export function insertChildren(world: World, parent: ParentRow, inputs: readonly ChildInput[]) {
  const children: AddedChild[] = [];
  const changes: JobStatusChange[] = [];
  for (const { key, payload } of inputs) {
    const siblings = childrenOf(world, parent.id);
    const same = siblings.find((child) => child.key === key);
    if (same) {
      children.push({ job_id: same.id, key, created: false });
      continue;
    }
    if (parent.maxChildren !== null && siblings.length >= parent.maxChildren) continue;
    const child = newChild(world, { parentId: parent.id, key, payload });
    world.children.set(child.id, child);
    parent.deltas.push({ from: null, to: child.status, count: 1, at: world.now() });
    children.push({ job_id: child.id, key, created: true });
    changes.push(childChange(world, child, { from: null, to: child.status }));
  }
  return { children, changes };
}

function newChild(
  world: World,
  { parentId, key, payload }: Pick<ChildRow, 'parentId' | 'key' | 'payload'>,
): ChildRow {
  const now = world.now();
  return {
    id: world.newId(),
    parentId,
    key,
    payload: structuredClone(payload),
    status: 'pending',
    attempt: 0,
    version: 1,
    dueAt: now,
    leaseExpiresAt: null,
    leaseOwner: null,
    result: null,
    error: null,
    text: null,
    createdAt: now,
    startedAt: null,
    finishedAt: null,
    updatedAt: now,
  };
}

/** The only place where a child changes: with it comes its delta, and the change for the bus. */
export function moveChild(
  world: World,
  child: ChildRow,
  to: ChildStatus,
  fields: Partial<
    Pick<ChildRow, 'attempt' | 'dueAt' | 'leaseExpiresAt' | 'leaseOwner' | 'result' | 'error' | 'text'>
  > = {},
): JobStatusChange[] {
  const from = child.status;
  const now = world.now();
  Object.assign(child, { leaseExpiresAt: null, leaseOwner: null }, fields, { status: to });
  child.version += 1;
  child.updatedAt = now;
  if (to === 'running') child.startedAt ??= now;
  if (isEnded(to)) child.finishedAt = now;
  if (from === to) return [];
  parentOf(world, child).deltas.push({ from, to, count: 1, at: now });
  return [childChange(world, child, { from, to })];
}
