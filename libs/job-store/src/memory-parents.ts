import { type ChildInput, type JobStatusChange, LIMITS } from '@progeny/contract';
import { openOf, zeroCounts } from '@progeny/core';
import type { CreatedParent, NewParent } from './job-store.ts';
import { parentChange } from './memory-changes.ts';
import { insertChildren, isFull } from './memory-children.ts';
import { hasEnded, wakeUp } from './memory-commands.ts';
import { fold } from './memory-fold.ts';
import { countedIn, isParentRow, lineOf } from './memory-nesting.ts';
import { addMs, type ParentRow, requireParent, seenParents, type World } from './memory-state.ts';
import { parentView } from './memory-views.ts';
import { StoreError } from './store-error.ts';

export function createParent(world: World, input: NewParent): CreatedParent {
  const known = input.idempotency && findByKey(world, input.owner.tenantId, input.idempotency.key);
  if (known) {
    if (known.idempotency?.fingerprint !== input.idempotency?.fingerprint) {
      throw new StoreError('idempotency_key_reused', 'The key was used for another request');
    }
    return { job: parentView(known), created: false, changes: [] };
  }
  const outer = input.within ? placeFor(world, input, input.within) : null;
  if (outer && 'taken' in outer) return { job: parentView(outer.taken), created: false, changes: [] };
  const parent = newParent(world, input, outer);
  world.parents.set(parent.id, parent);
  const birth = parentChange(world, parent, { from: null, to: 'pending' });
  const { changes } = insertChildren(world, parent, input.children);
  if (changes.length > 0) fold(world, [parent.id]);
  if (!outer) return { job: parentView(parent), created: true, changes: [birth, ...changes] };
  if (outer.pausedAt) parent.pausedAt = world.now();
  outer.deltas.push({ jobId: parent.id, from: null, to: 'pending', at: world.now() });
  return { job: parentView(parent), created: true, changes: [birth, ...changes, wakeUp(world, outer)] };
}

/** The parent that takes the new one on, or the nested one that has its place already. */
function placeFor(
  world: World,
  { owner }: NewParent,
  { parentId, key }: NonNullable<NewParent['within']>,
): ParentRow | { taken: ParentRow } {
  const outer = requireParent(world, parentId);
  if (outer.owner.tenantId !== owner.tenantId) throw new StoreError('job_not_found', 'There is no such job');
  assertTakesChildren(world, outer);
  if (lineOf(world, outer).length >= LIMITS.nestingMax) {
    throw new StoreError('nested_too_deep', 'Parents cannot be nested that deep');
  }
  const siblings = countedIn(world, parentId);
  const same = siblings.find((child) => child.key === key)?.row;
  if (same && isParentRow(same)) return { taken: same };
  if (same) throw new StoreError('key_taken', 'The parent has another child with that key');
  if (isFull(outer, siblings)) {
    throw new StoreError('too_many_children', 'The parent has all the children it may have');
  }
  return outer;
}

const findByKey = (world: World, tenantId: string, key: string) =>
  seenParents(world).find(
    ({ owner, idempotency }) => owner.tenantId === tenantId && idempotency?.key === key,
  );

function newParent(
  world: World,
  { children: _, idempotency, sealed, within, ...input }: NewParent,
  outer: ParentRow | null,
): ParentRow {
  const now = world.now();
  const id = world.newId();
  return {
    ...structuredClone(input),
    id,
    parentId: outer?.id ?? null,
    key: outer && (within?.key ?? id),
    owner: outer?.owner ?? input.owner,
    idempotency: idempotency ?? null,
    sealedAt: sealed ? now : null,
    stop: null,
    pausedAt: null,
    retryRequestedAt: null,
    deadlineAt: input.deadlineMs === null ? null : addMs(now, input.deadlineMs),
    deletedAt: null,
    sealExpired: false,
    run: 1,
    version: 1,
    steps: [],
    deltas: [],
    folded: {
      status: 'pending',
      version: 1,
      sealed: false,
      counts: zeroCounts,
      childrenPerSecond: 0,
      at: now,
      verifiedAt: null,
    },
    auditedAtEnd: false,
    error: null,
    lifecycle: [],
    log: [],
    createdAt: now,
    startedAt: null,
    finishedAt: null,
    updatedAt: now,
  };
}

export function addChildren(world: World, parentId: string, children: readonly ChildInput[]) {
  const parent = requireParent(world, parentId);
  assertTakesChildren(world, parent);
  return insertChildren(world, parent, children);
}

function assertTakesChildren(world: World, parent: ParentRow): void {
  if (parent.stop || hasEnded(world, parent)) throw new StoreError('job_ended', 'The job has ended');
  if (parent.sealedAt) throw new StoreError('job_sealed', 'The job takes no more children');
}

export function seal(world: World, parentId: string): JobStatusChange[] {
  const parent = requireParent(world, parentId);
  if (parent.sealedAt) return [];
  parent.sealedAt = world.now();
  return [wakeUp(world, parent)];
}

export function expireSeals(world: World, limit: number): JobStatusChange[] {
  const now = world.now();
  const givenUp = seenParents(world).filter(
    (parent) =>
      parent.sealedAt === null &&
      parent.sealTimeoutMs !== null &&
      parent.deltas.length === 0 &&
      openOf(parent.folded.counts) === 0 &&
      now > addMs(parent.folded.at, parent.sealTimeoutMs),
  );
  return givenUp.slice(0, limit).map((parent) => {
    parent.sealedAt = now;
    parent.sealExpired = true;
    return wakeUp(world, parent);
  });
}
