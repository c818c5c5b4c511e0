import type {
  ChildList,
  ChildView,
  JobList,
  JobView,
  ParentJobProgress,
  ParentView,
} from '@progeny/contract';
import { shownProgress, toParentJobProgress } from '@progeny/core';
import type { JobStore, OwnedProgress, Owner } from './job-store.ts';
import { bucketOf, countedIn, isParentRow, keyOf } from './memory-nesting.ts';
import {
  type ChildRow,
  findChild,
  findParent,
  type ParentRow,
  parentOf,
  requireParent,
  seenParents,
  type World,
} from './memory-state.ts';

export const progressOf = ({ id, parentId, folded }: ParentRow): ParentJobProgress =>
  toParentJobProgress({ ...folded, jobId: id, parentId });

const times = ({ createdAt, startedAt, finishedAt, updatedAt }: ParentRow | ChildRow) => ({
  created_at: createdAt.toISOString(),
  started_at: startedAt?.toISOString() ?? null,
  finished_at: finishedAt?.toISOString() ?? null,
  updated_at: updatedAt.toISOString(),
});

export const parentView = (parent: ParentRow): ParentView => ({
  job_id: parent.id,
  parent_id: parent.parentId,
  key: parent.key,
  type: parent.type,
  name: parent.name,
  status: parent.folded.status,
  error: structuredClone(parent.error),
  run: parent.run,
  version: parent.version,
  spec: structuredClone(parent.spec),
  progress: progressOf(parent),
  ...times(parent),
});

function childView(world: World, child: ChildRow): ChildView {
  const { progress, stage, label } = shownProgress(child.status, child.progress);
  return {
    job_id: child.id,
    parent_id: child.parentId,
    type: parentOf(world, child).childType,
    key: child.key,
    is_parent: false,
    status: child.status,
    attempt: child.attempt,
    progress_percentage: progress,
    progress_stage: stage,
    progress_label: label,
    run: child.run,
    version: child.version,
    payload: structuredClone(child.payload),
    result: structuredClone(child.result),
    error: structuredClone(child.error),
    ...times(child),
  };
}

/** What the parent around it sees of a nested one: `childView` for a child with children of its own. */
function nestedView(parent: ParentRow, parentId: string): ChildView {
  const { progress_percentage, status, progress_text } = progressOf(parent);
  return {
    job_id: parent.id,
    parent_id: parentId,
    type: parent.type,
    key: keyOf(parent),
    is_parent: true,
    status: bucketOf(parent),
    attempt: 0,
    progress_percentage,
    progress_stage: status,
    progress_label: progress_text,
    run: parent.run,
    version: parent.version,
    payload: {},
    result: null,
    error: structuredClone(parent.error),
    ...times(parent),
  };
}

export function getJob(world: World, jobId: string): JobView | null {
  const parent = findParent(world, jobId);
  if (parent) return parentView(parent);
  const child = findChild(world, jobId);
  return child ? childView(world, child) : null;
}

/** One page of rows that are in their order already; the cursor is the id of the last row seen. */
function pageOf<T extends { id: string }>(
  rows: readonly T[],
  { limit, isAfter }: { limit: number; isAfter: (id: string) => boolean },
) {
  const rest = rows.filter(({ id }) => isAfter(id));
  const page = rest.slice(0, limit);
  return { page, nextCursor: rest.length > limit ? (page.at(-1)?.id ?? null) : null };
}

export function listParents(
  world: World,
  { limit, cursor, status, owner: wanted }: Parameters<JobStore['listParents']>[0],
): JobList {
  const newestFirst = seenParents(world).reverse();
  const rows = newestFirst.filter(
    ({ parentId, folded, owner }) =>
      parentId === null &&
      (status === undefined || folded.status === status) &&
      (wanted === undefined || owner.tenantId === wanted.tenantId) &&
      (wanted?.userId === undefined || owner.userId === wanted.userId),
  );
  const isAfter = (id: string) => cursor === undefined || id < cursor;
  const { page, nextCursor } = pageOf(rows, { limit, isAfter });
  return { jobs: page.map(parentView), next_cursor: nextCursor };
}

export function listChildren(
  world: World,
  parentId: string,
  { limit, cursor, status }: Parameters<JobStore['listChildren']>[1],
): ChildList {
  requireParent(world, parentId);
  const wanted = countedIn(world, parentId).filter(
    (child) => status === undefined || child.status === status,
  );
  const isAfter = (id: string) => cursor === undefined || id > cursor;
  const { page, nextCursor } = pageOf(wanted, { limit, isAfter });
  const children = page.map(({ row }) =>
    isParentRow(row) ? nestedView(row, parentId) : childView(world, row),
  );
  return { children, next_cursor: nextCursor };
}

export function findOwners(world: World, jobIds: readonly string[]): Map<string, Owner> {
  const owners = new Map<string, Owner>();
  for (const id of jobIds) {
    const child = findChild(world, id);
    const parent = child ? parentOf(world, child) : findParent(world, id);
    if (parent) owners.set(id, parent.owner);
  }
  return owners;
}

export const getProgress = (world: World, parentIds: readonly string[]): OwnedProgress[] =>
  [...new Set(parentIds)]
    .map((id) => findParent(world, id))
    .filter((parent) => parent !== undefined)
    .map((parent) => ({ ...parent.owner, progress: progressOf(parent) }));
