import type { JobStatus, JobStatusChange } from '@progeny/contract';
import { type ChildRow, type ParentRow, parentOf, type World } from './memory-state.ts';

interface Moved {
  from: JobStatus | null;
  to: JobStatus | null;
  startsRun?: boolean;
}

export const parentChange = (
  world: World,
  parent: ParentRow,
  { from, to, startsRun = false }: Moved,
): JobStatusChange => ({
  event_id: world.newId(),
  job_id: parent.id,
  parent_id: parent.parentId,
  ...(parent.parentId !== null && { is_parent: true as const }),
  tenant_id: parent.owner.tenantId,
  user_id: parent.owner.userId,
  job_type: parent.type,
  from,
  to,
  attempt: 0,
  run: parent.run,
  starts_run: startsRun,
  version: parent.version,
});

export function childChange(
  world: World,
  child: ChildRow,
  { from, to, startsRun = false }: Moved,
): JobStatusChange {
  const { owner, childType } = parentOf(world, child);
  const { url } = child.payload;
  return {
    event_id: world.newId(),
    job_id: child.id,
    parent_id: child.parentId,
    tenant_id: owner.tenantId,
    user_id: owner.userId,
    job_type: childType,
    from,
    to,
    attempt: child.attempt,
    run: child.run,
    starts_run: startsRun,
    version: child.version,
    ...(typeof url === 'string' && { url }),
    ...(child.error && { error: child.error }),
  };
}
