import {
  type Counts,
  endedOf,
  equalCounts,
  failureOf,
  foldDeltas,
  isParentEnded,
  lifecycleOf,
  nextParentStatus,
  type ParentFacts,
  smoothRate,
  zeroCounts,
} from '@progeny/core';
import type { FoldResult } from './job-store.ts';
import { addMs, type ParentRow, parentChange, type World } from './memory-state.ts';
import { progressOf } from './memory-views.ts';

export function fold(world: World, parentIds: readonly string[]): FoldResult[] {
  return [...new Set(parentIds)]
    .map((id) => world.parents.get(id))
    .filter((parent) => parent !== undefined)
    .map((parent) => foldOne(world, parent));
}

const factsOf = (parent: ParentRow, counts: Counts): ParentFacts => ({
  counts,
  sealed: parent.sealedAt !== null,
  cancelRequested: parent.cancelRequestedAt !== null,
  sealExpired: parent.sealExpired,
});

const nextStatus = (parent: ParentRow, counts = parent.folded.counts) =>
  nextParentStatus(parent.folded.status, factsOf(parent, counts));

const hasSomethingToFold = (parent: ParentRow): boolean =>
  parent.deltas.length > 0 ||
  parent.folded.sealed !== (parent.sealedAt !== null) ||
  parent.folded.status !== nextStatus(parent);

function foldOne(world: World, parent: ParentRow): FoldResult {
  const changed = hasSomethingToFold(parent);
  const from = parent.folded.status;
  const now = world.now();
  const oldest = parent.deltas[0]?.at;
  if (changed) takeIn(parent, now);
  const progress = progressOf(parent);
  const to = progress.status;
  const lifecycle = lifecycleOf({
    operationType: parent.type,
    lastSeq: parent.lifecycle.length,
    from,
    progress,
    error: parent.error,
    timestamp: parent.updatedAt.toISOString(),
  });
  parent.lifecycle.push(...lifecycle);
  return {
    tenantId: parent.owner.tenantId,
    userId: parent.owner.userId,
    progress,
    changed,
    changes: from === to ? [] : [parentChange(world, parent, { from, to })],
    lifecycle,
    needsSweep: needsSweep(parent),
    lagMs: oldest ? now.getTime() - oldest.getTime() : null,
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
    sealed: parent.sealedAt !== null,
    version: folded.version + 1,
    childrenPerSecond: smoothRate(folded.childrenPerSecond, { ended, elapsedMs, sinceStartMs }),
    at: now,
  };
  parent.version += 1;
  parent.updatedAt = now;
  if (status !== 'pending') parent.startedAt ??= now;
  if (isParentEnded(status)) parent.finishedAt ??= now;
  if (status === 'failed') parent.error ??= failureOf(factsOf(parent, counts));
}

const needsSweep = ({ cancelRequestedAt, folded }: ParentRow): boolean =>
  cancelRequestedAt !== null && !isParentEnded(folded.status);

export function findUnfolded(world: World, limit: number, standingMs = 0): string[] {
  const latest = addMs(world.now(), -standingMs);
  return [...world.parents.values()]
    .filter((parent) => hasSomethingToFold(parent) || needsSweep(parent))
    .filter(({ deltas: [oldest], sealedAt, folded }) => (oldest?.at ?? sealedAt ?? folded.at) <= latest)
    .slice(0, limit)
    .map(({ id }) => id);
}

export function audit(
  world: World,
  limit: number,
): { audited: number; verified: string[]; drifted: string[] } {
  const due = [...world.parents.values()]
    .filter((parent) => !parent.auditedAtEnd)
    .sort((a, b) => (a.folded.verifiedAt?.getTime() ?? 0) - (b.folded.verifiedAt?.getTime() ?? 0))
    .slice(0, limit);
  const drifted = due.filter((parent) => auditOne(world, parent)).map(({ id }) => id);
  const active = due.filter(({ folded }) => !isParentEnded(folded.status)).map(({ id }) => id);
  return { audited: due.length, verified: active.filter((id) => !drifted.includes(id)), drifted };
}

/** True when the counts had drifted. */
function auditOne(world: World, parent: ParentRow): boolean {
  const truth = countChildren(world, parent.id);
  const drifted = !equalCounts(truth, foldDeltas(parent.folded.counts, parent.deltas));
  const hasEnded = isParentEnded(parent.folded.status);
  if (drifted) {
    parent.folded.counts = truth;
    parent.deltas = [];
  }
  // Nothing follows the terminal snapshot, so an ended parent keeps its version.
  if (drifted || !hasEnded) parent.folded.version += 1;
  parent.folded.verifiedAt = world.now();
  parent.auditedAtEnd = hasEnded;
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
