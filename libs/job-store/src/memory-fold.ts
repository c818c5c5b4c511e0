import { LIMITS, type ParentStatus } from '@progeny/contract';
import {
  type Counts,
  childStatusOf,
  type Delta,
  endedOf,
  failureOf,
  foldDeltas,
  isParentEnded,
  isPolicyBroken,
  lifecycleOf,
  logLine,
  nextParentStatus,
  openOf,
  type ParentFacts,
  smoothRate,
} from '@progeny/core';
import type { FoldResult } from './job-store.ts';
import { parentChange } from './memory-changes.ts';
import { stop } from './memory-commands.ts';
import { bucketOf, outerOf } from './memory-nesting.ts';
import {
  addMs,
  appendNumbered,
  findParent,
  type ParentRow,
  seenParents,
  type World,
} from './memory-state.ts';
import { progressOf } from './memory-views.ts';

export function fold(world: World, parentIds: readonly string[]): FoldResult[] {
  return [...new Set(parentIds)]
    .map((id) => findParent(world, id))
    .filter((parent) => parent !== undefined)
    .map((parent) => foldOne(world, parent));
}

const factsOf = (parent: ParentRow, counts: Counts): ParentFacts => ({
  counts,
  sealed: parent.sealedAt !== null,
  stopped: parent.stop?.reason ?? null,
  paused: parent.pausedAt !== null,
  retrying: parent.retryRequestedAt !== null,
  reopened: isReopened(parent),
  sealExpired: parent.sealExpired,
});

const isReopened = ({ folded, retryRequestedAt, deltas }: ParentRow): boolean =>
  isParentEnded(folded.status) && (retryRequestedAt !== null || deltas.length > 0);

const nextStatus = (parent: ParentRow, counts = parent.folded.counts) =>
  nextParentStatus(parent.folded.status, factsOf(parent, counts));

const hasSomethingToFold = (parent: ParentRow): boolean =>
  parent.deltas.length > 0 ||
  parent.folded.sealed !== (parent.sealedAt !== null) ||
  parent.folded.status !== nextStatus(parent);

function foldOne(world: World, parent: ParentRow): FoldResult {
  const changed = hasSomethingToFold(parent);
  const from = parent.folded.status;
  const reopened = isReopened(parent);
  const now = world.now();
  const oldest = parent.deltas[0]?.at;
  if (changed) takeIn(parent, now);
  countUpwards(world, parent, { from, at: now });
  const progress = progressOf(parent);
  const to = progress.status;
  const lifecycle = lifecycleOf({
    operationType: parent.type,
    lastSeq: parent.lifecycle.length,
    from,
    reopened,
    progress,
    error: parent.error,
    timestamp: parent.updatedAt.toISOString(),
  });
  parent.lifecycle.push(...lifecycle);
  const startsRun = lifecycle.some(({ type }) => type === 'JOB_STARTED');
  return {
    tenantId: parent.owner.tenantId,
    userId: parent.owner.userId,
    progress,
    changed,
    changes: from === to ? [] : [parentChange(world, parent, { from, to, startsRun })],
    lifecycle,
    needsSweep: needsSweep(parent),
    lagMs: oldest ? now.getTime() - oldest.getTime() : null,
  };
}

/** What the fold made of a nested parent stands as a change in the one around it. */
function countUpwards(
  world: World,
  parent: ParentRow,
  { from: before, at }: { from: ParentStatus; at: Date },
): void {
  const [from, to] = [childStatusOf(before), bucketOf(parent)];
  if (from !== to) outerOf(world, parent)?.deltas.push({ jobId: parent.id, from, to, at });
}

/** Counts the deltas and derives what follows from them, as the next version. */
function takeIn(parent: ParentRow, now: Date): void {
  const { folded } = parent;
  const reopened = isReopened(parent);
  if (reopened) {
    Object.assign(parent, {
      run: parent.run + 1,
      startedAt: null,
      finishedAt: null,
      error: null,
      auditedAtEnd: false,
    });
  }
  const counts = logDeltas(parent, now);
  if (isOverItsPolicy(parent, counts)) stop(parent, 'too_many_failed', now);
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
  if (status !== folded.status || reopened) parent.version += 1;
  parent.updatedAt = now;
  if (status !== 'pending') parent.startedAt ??= now;
  if (isParentEnded(status)) {
    parent.finishedAt ??= now;
    parent.deadlineAt = null;
  }
  if (status === 'failed') parent.error ??= failureOf(factsOf(parent, counts));
}

/** A line for each change of a child, with the counts after it; answers the last. */
function logDeltas(parent: ParentRow, now: Date): Counts {
  let { counts } = parent.folded;
  for (const { jobId, from, to } of parent.deltas) {
    counts = foldDeltas(counts, [{ from, to, count: 1 }]);
    const line = logLine({ jobId, to }, counts);
    appendNumbered(parent.log, LIMITS.logLinesKept, (number) => ({ number, at: now.toISOString(), line }));
  }
  return counts;
}

function isOverItsPolicy(parent: ParentRow, counts: Counts): boolean {
  if (parent.stop || parent.retryRequestedAt) return false;
  return isPolicyBroken(parent.failurePolicy, counts, {
    hasNewFailure: parent.deltas.some(({ to }) => to === 'failed'),
    isLast: parent.sealedAt !== null && openOf(counts) === 0,
  });
}

const needsSweep = ({ stop: stopped, retryRequestedAt, folded }: ParentRow): boolean =>
  retryRequestedAt !== null || (stopped !== null && !isParentEnded(folded.status));

export function findUnfolded(world: World, limit: number, standingMs = 0): string[] {
  const latest = addMs(world.now(), -standingMs);
  return seenParents(world)
    .filter((parent) => hasSomethingToFold(parent) || needsSweep(parent))
    .filter((parent) => standingSince(parent) <= latest)
    .slice(0, limit)
    .map(({ id }) => id);
}

const standingSince = ({ deltas, retryRequestedAt, stop: stopped, pausedAt, sealedAt, folded }: ParentRow) =>
  deltas[0]?.at ?? retryRequestedAt ?? stopped?.at ?? pausedAt ?? sealedAt ?? folded.at;

/** The changes that no fold has counted yet. */
export const unfoldedOf = ({ deltas }: ParentRow): Delta[] =>
  deltas.map(({ from, to }) => ({ from, to, count: 1 }));
