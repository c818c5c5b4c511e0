import type { JobStore } from './job-store.ts';
import { moveChild } from './memory-children.ts';
import { addMs, type ChildRow, type ParentRow, parentOf, seenParents, type World } from './memory-state.ts';
import { leaseEnd } from './memory-work.ts';

export function claim(
  world: World,
  { workerId, jobTypes, limit, leaseMs }: Parameters<JobStore['claim']>[0],
): Awaited<ReturnType<JobStore['claim']>> {
  const now = world.now();
  const claimed = takeTurns(world, queuesOf(world, jobTypes, now), limit);
  const changes = claimed.flatMap((child) => {
    const moved = moveChild(world, child, 'running', { attempt: child.attempt + 1, leaseOwner: workerId });
    child.leaseExpiresAt = leaseEnd(child.timesOutAt, addMs(now, leaseMs));
    return moved;
  });
  return {
    children: claimed.map((child) => ({
      job_id: child.id,
      parent_id: child.parentId,
      job_type: parentOf(world, child).childType,
      key: child.key,
      payload: structuredClone(child.payload),
      attempt: child.attempt,
      lease_expires_at: (child.leaseExpiresAt ?? now).toISOString(),
      timeout_ms: parentOf(world, child).childTimeoutMs,
    })),
    parents: Object.fromEntries(
      claimed.map((child) => [child.parentId, structuredClone(parentOf(world, child).spec)]),
    ),
    changes,
  };
}

interface Queue {
  parent: ParentRow;
  /** Those that may be given out, the oldest first. */
  children: ChildRow[];
}

const queuesOf = (world: World, jobTypes: readonly string[], now: Date): Queue[] =>
  seenParents(world)
    .filter((parent) => !parent.stop && !parent.pausedAt && jobTypes.includes(parent.childType))
    .map((parent) => ({
      parent,
      children: [...world.children.values()]
        .filter(
          ({ parentId, status, dueAt }) => parentId === parent.id && status === 'pending' && dueAt <= now,
        )
        .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime()),
    }))
    .filter(({ children }) => children.length > 0);

/** One child of each parent in turn, from where the claim before left off; lower priorities when higher ones have none. */
function takeTurns(world: World, queues: Queue[], limit: number): ChildRow[] {
  const taken: ChildRow[] = [];
  while (taken.length < limit) {
    const waiting = queues.filter(({ children }) => children.length > 0);
    const highest = Math.max(...waiting.map(({ parent }) => parent.priority));
    const equals = waiting.filter(({ parent }) => parent.priority === highest);
    const next = equals.find(({ parent }) => parent.id > world.claimTurn.afterParentId) ?? equals[0];
    const child = next?.children.shift();
    if (!next || !child) break;
    world.claimTurn.afterParentId = next.parent.id;
    taken.push(child);
  }
  return taken;
}
