import { type Explanation, LIMITS, type OpenChild } from '@progeny/contract';
import { isParentEnded, openReasons } from '@progeny/core';
import { addMs, type ChildRow, childrenOf, requireParent, type World } from './memory-state.ts';
import { progressOf } from './memory-views.ts';

export function explain(world: World, parentId: string): Explanation {
  const parent = requireParent(world, parentId);
  const { folded, sealedAt, stop, sealTimeoutMs, deltas } = parent;
  const children = childrenOf(world, parentId);
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
const openIn = (children: readonly ChildRow[], status: OpenChild['status']): OpenChild[] =>
  children
    .filter((child) => child.status === status)
    .slice(0, LIMITS.explainedChildren)
    .map((child) => ({
      job_id: child.id,
      key: child.key,
      status,
      attempt: child.attempt,
      lease_owner: child.leaseOwner,
      lease_expires_at: child.leaseExpiresAt?.toISOString() ?? null,
      available_at: child.dueAt.toISOString(),
      updated_at: child.updatedAt.toISOString(),
      error: structuredClone(child.error),
    }));
