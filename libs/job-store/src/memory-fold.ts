import {
  endedOf,
  equalCounts,
  foldDeltas,
  isParentEnded,
  lifecycleOf,
  nextParentStatus,
  smoothRate,
  zeroCounts,
} from '@progeny/core';
import type { FoldResult } from './job-store.ts';
import { type ParentRow, parentChange, type World } from './memory-state.ts';
import { progressOf } from './memory-views.ts';

export function fold(world: World, parentIds: readonly string[]): FoldResult[] {
  return [...new Set(parentIds)]
    .map((id) => world.parents.get(id))
    .filter((parent) => parent !== undefined)
    .map((parent) => foldOne(world, parent));
}

const nextStatus = (parent: ParentRow, counts = parent.folded.counts) =>
  nextParentStatus(parent.folded.status, { ...parent, counts });

const hasSomethingToFold = (parent: ParentRow): boolean =>
  parent.deltas.length > 0 ||
  parent.folded.sealed !== parent.sealed ||
  parent.folded.status !== nextStatus(parent);

function foldOne(world: World, parent: ParentRow): FoldResult {
  const changed = hasSomethingToFold(parent);
  const from = parent.folded.status;
  if (changed) takeIn(parent, world.now());
  const progress = progressOf(parent);
  const to = progress.status;
  const lifecycle = lifecycleOf({
    operationType: parent.type,
    lastSeq: parent.lifecycle.length,
    from,
    progress,
    timestamp: parent.updatedAt.toISOString(),
  });
  parent.lifecycle.push(...lifecycle);
  return {
    tenantId: parent.owner.tenantId,
    progress,
    changed,
    changes: from === to ? [] : [parentChange(world, parent, { from, to })],
    lifecycle,
    needsSweep: needsSweep(parent),
  };
}

/** Counts the deltas and derives what follows from them, as the next version. */
function takeIn(parent: ParentRow, now: Date): void {
  const { folded } = parent;
  const counts = foldDeltas(folded.counts, parent.deltas);
  const ended = endedOf(counts) - endedOf(folded.counts);
  const elapsedMs = now.getTime() - folded.at.getTime();
  const sinceStartMs = now.getTime() - (parent.startedAt ?? now).getTime();
  const status = nextStatus(parent, counts);
  parent.deltas = [];
  parent.folded = {
    ...folded,
    counts,
    status,
    sealed: parent.sealed,
    version: folded.version + 1,
    childrenPerSecond: smoothRate(folded.childrenPerSecond, { ended, elapsedMs, sinceStartMs }),
    at: now,
  };
  parent.version += 1;
  parent.updatedAt = now;
  if (status !== 'pending') parent.startedAt ??= now;
  if (isParentEnded(status)) parent.finishedAt ??= now;
}

const needsSweep = ({ cancelRequested, folded }: ParentRow): boolean =>
  cancelRequested && !isParentEnded(folded.status);

export const findUnfolded = (world: World, limit: number): string[] =>
  [...world.parents.values()]
    .filter((parent) => hasSomethingToFold(parent) || needsSweep(parent))
    .slice(0, limit)
    .map(({ id }) => id);

export function audit(world: World, limit: number): { audited: number; drifted: string[] } {
  const due = [...world.parents.values()]
    .filter((parent) => !parent.auditedAtEnd)
    .sort((a, b) => (a.folded.verifiedAt?.getTime() ?? 0) - (b.folded.verifiedAt?.getTime() ?? 0))
    .slice(0, limit);
  return {
    audited: due.length,
    drifted: due.filter((parent) => auditOne(world, parent)).map(({ id }) => id),
  };
}

/** True when the counts had drifted. */
function auditOne(world: World, parent: ParentRow): boolean {
  const truth = countChildren(world, parent.id);
  const drifted = !equalCounts(truth, foldDeltas(parent.folded.counts, parent.deltas));
  if (drifted) {
    parent.folded.counts = truth;
    parent.folded.version += 1;
    parent.deltas = [];
  }
  parent.folded.verifiedAt = world.now();
  parent.auditedAtEnd = isParentEnded(parent.folded.status);
  return drifted;
}

/** The truth: a walk over the children. */
export const countChildren = (world: Pick<World, 'children'>, parentId: string) =>
  foldDeltas(
    zeroCounts,
    [...world.children.values()]
      .filter((child) => child.parentId === parentId)
      .map(({ status }) => ({ from: null, to: status, count: 1 })),
  );
