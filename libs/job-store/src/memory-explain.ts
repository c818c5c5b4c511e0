import { type Explanation, LIMITS, type OpenChild } from '@progeny/contract';
import { isParentEnded, openReasons } from '@progeny/core';
import { type Counted, countedIn, isParentRow } from './memory-nesting.ts';
import { addMs, type ChildRow, type ParentRow, requireParent, type World } from './memory-state.ts';
import { progressOf } from './memory-views.ts';

export function explain(world: World, parentId: string): Explanation {
  const parent = requireParent(world, parentId);
  const { folded, sealedAt, stop, sealTimeoutMs, deltas } = parent;
  const children = countedIn(world, parentId);
  const open = [...openIn(children, 'running'), ...openIn(children, 'pending')];
  const facts = {
    state: folded,
    sealed: sealedAt !== null,
    stopped: stop?.reason ?? null,
    paused: parent.pausedAt !== null,
    retrying: parent.retryRequestedAt !== null,
    unfoldedChanges: Math.min(deltas.length, LIMITS.explainedChanges),
    openChildren: open,
    nowMs: world.now().getTime(),
  };
  const mayExpire = sealedAt === null && sealTimeoutMs !== null && !isParentEnded(folded.status);
  return {
    job_id: parentId,
    reasons: openReasons(facts),
    progress: progressOf(parent),
    folded_at: folded.at.toISOString(),
    sealed_at: sealedAt?.toISOString() ?? null,
    seal_expires_at: mayExpire ? addMs(folded.at, sealTimeoutMs).toISOString() : null,
    stopped_at: stop?.at.toISOString() ?? null,
    stop_reason: stop?.reason ?? null,
    unfolded_changes: { count: facts.unfoldedChanges, oldest_at: deltas[0]?.at.toISOString() ?? null },
    open_children: open,
  };
}

/** The oldest of them. */
const openIn = (children: readonly Counted[], status: OpenChild['status']): OpenChild[] =>
  children
    .filter((child) => child.status === status)
    .slice(0, LIMITS.explainedChildren)
    .map(({ id, key, row }) => ({
      job_id: id,
      key,
      ...(isParentRow(row) ? ofNested(row) : ofPlain(row)),
      status,
      updated_at: row.updatedAt.toISOString(),
      error: structuredClone(row.error),
    }));

const ofPlain = ({ attempt, leaseOwner, leaseExpiresAt, dueAt }: ChildRow) => ({
  is_parent: false,
  attempt,
  lease_owner: leaseOwner,
  lease_expires_at: leaseExpiresAt?.toISOString() ?? null,
  available_at: dueAt.toISOString(),
});

/** Nobody works on it: it waits for its own children. */
const ofNested = ({ createdAt }: ParentRow) => ({
  is_parent: true,
  attempt: 0,
  lease_owner: null,
  lease_expires_at: null,
  available_at: createdAt.toISOString(),
});
