import type { AddedChild, ChildInput, ChildStatus, JobStatusChange } from '@progeny/contract';
import { isEnded, QUEUED } from '@progeny/core';
import { childChange } from './memory-changes.ts';
import { countedIn } from './memory-nesting.ts';
import { addMs, type ChildRow, type ParentRow, parentOf, type World } from './memory-state.ts';

/** Takes children on as far as `maxChildren` allows; a key that exists is the same child. */
export function insertChildren(world: World, parent: ParentRow, inputs: readonly ChildInput[]) {
  const children: AddedChild[] = [];
  const changes: JobStatusChange[] = [];
  for (const { key, payload } of inputs) {
    const siblings = countedIn(world, parent.id);
    const same = siblings.find((child) => child.key === key);
    if (same) {
      children.push({ job_id: same.id, key, created: false });
      continue;
    }
    if (isFull(parent, siblings)) continue;
    const child = newChild(world, { parentId: parent.id, key, payload });
    world.children.set(child.id, child);
    parent.deltas.push({ jobId: child.id, from: null, to: child.status, at: world.now() });
    children.push({ job_id: child.id, key, created: true });
    changes.push(childChange(world, child, { from: null, to: child.status }));
  }
  return { children, changes };
}

export const isFull = ({ maxChildren }: ParentRow, siblings: readonly unknown[]): boolean =>
  maxChildren !== null && siblings.length >= maxChildren;

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
    run: 1,
    runBase: 0,
    version: 1,
    dueAt: now,
    leaseExpiresAt: null,
    leaseOwner: null,
    timesOutAt: null,
    progress: QUEUED,
    steps: [],
    result: null,
    error: null,
    text: null,
    createdAt: now,
    startedAt: null,
    finishedAt: null,
    updatedAt: now,
  };
}

/** The only place where a child changes its status: with it comes its delta, and the change for the bus. */
export function moveChild(
  world: World,
  child: ChildRow,
  to: ChildStatus,
  fields: Partial<
    Pick<ChildRow, 'attempt' | 'dueAt' | 'leaseExpiresAt' | 'leaseOwner' | 'result' | 'error' | 'text'>
  > = {},
): JobStatusChange[] {
  const { status: from, attempt } = child;
  const parent = parentOf(world, child);
  const now = world.now();
  const timesOutAt =
    to === 'running' && parent.childTimeoutMs !== null ? addMs(now, parent.childTimeoutMs) : null;
  // One that runs outside has no lease, but no longer than its parent allows for a try.
  Object.assign(child, { leaseExpiresAt: timesOutAt, leaseOwner: null }, fields, { status: to, timesOutAt });
  child.version += 1;
  child.updatedAt = now;
  if (child.attempt !== attempt) child.progress = QUEUED;
  const startsRun = from === 'pending' && to !== 'pending' && child.startedAt === null;
  if (to === 'running') child.startedAt ??= now;
  if (isEnded(to)) child.finishedAt = now;
  if (from === to) return [];
  parent.deltas.push({ jobId: child.id, from, to, at: now });
  return [childChange(world, child, { from, to, startsRun })];
}

/** Makes an ended child pending in a new run, in an attempt of its own: whatever is reported of the old ones is stale. */
export function startRun(world: World, child: ChildRow): JobStatusChange[] {
  const { attempt } = child;
  Object.assign(child, { run: child.run + 1, runBase: attempt + 1, startedAt: null, finishedAt: null });
  return moveChild(world, child, 'pending', { attempt: attempt + 1, dueAt: world.now(), result: null });
}
