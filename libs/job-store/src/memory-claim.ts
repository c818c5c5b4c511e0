import type { JobStore } from './job-store.ts';
import { moveChild } from './memory-children.ts';
import { addMs, type ChildRow, type ParentRow, parentOf, seenParents, type World } from './memory-state.ts';
import { leaseEnd } from './memory-work.ts';

export function claim(
  world: World,
  { tenantId, workerId, jobTypes, limit, leaseMs }: Parameters<JobStore['claim']>[0],
): Awaited<ReturnType<JobStore['claim']>> {
  const now = world.now();
  const claimed: ChildRow[] = [];
  for (const jobType of jobTypes) {
    const queues = queuesOf(world, jobType, now).filter(
      ({ parent }) => tenantId === undefined || parent.owner.tenantId === tenantId,
    );
    claimed.push(...takeTurns(world, queues, { jobType, limit: limit - claimed.length }));
  }
  claimed.sort((a, b) => (a.id < b.id ? -1 : 1));
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

const queuesOf = (world: World, jobType: string, now: Date): Queue[] =>
  seenParents(world)
    .filter((parent) => !parent.stop && !parent.pausedAt && parent.childType === jobType)
    .map((parent) => ({
      parent,
      children: [...world.children.values()]
        .filter(
          ({ parentId, status, dueAt }) => parentId === parent.id && status === 'pending' && dueAt <= now,
        )
        .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime()),
    }))
    .filter(({ children }) => children.length > 0);

/** One child in turn: of each tenant, there of the highest priority, there of each parent, from where it left off. */
function takeTurns(
  world: World,
  queues: readonly Queue[],
  { jobType, limit }: { jobType: string; limit: number },
): ChildRow[] {
  const taken: ChildRow[] = [];
  while (taken.length < limit) {
    const waiting = queues.filter(({ children }) => children.length > 0);
    const tenants = [...new Set(waiting.map(({ parent }) => parent.owner.tenantId))].sort();
    const tenant = nextTurn(world, jobType, tenants);
    const own = waiting.filter(({ parent }) => parent.owner.tenantId === tenant);
    const priority = Math.max(...own.map(({ parent }) => parent.priority));
    const equals = own.filter(({ parent }) => parent.priority === priority);
    const parentIds = equals.map(({ parent }) => parent.id);
    const parentId = nextTurn(world, `${jobType}/${tenant}/${priority}`, parentIds);
    const child = equals.find(({ parent }) => parent.id === parentId)?.children.shift();
    if (!child) break;
    taken.push(child);
  }
  return taken;
}

/** The one behind whoever had the last turn, of those that stand in order. */
function nextTurn(world: World, queue: string, ids: readonly string[]): string | undefined {
  const last = world.claimTurns.get(queue) ?? '';
  const next = ids.find((id) => id > last) ?? ids[0];
  if (next !== undefined) world.claimTurns.set(queue, next);
  return next;
}
