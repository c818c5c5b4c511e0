import { type ClaimedChild, isOfParent, type JobStatusChange, type ParentView } from '@progeny/contract';
import type { FoldResult, JobStore } from '../job-store.ts';
import { brief } from './scene.ts';

/** Everything that a store gave back in the course of a history. */
export interface ModelRecord {
  /** Those that were not deleted, each after the one that it is nested in. */
  parentIds: string[];
  deletedIds: string[];
  /** What was nested in deleted ones. */
  hiddenIds: string[];
  /** Of nested ones the parents that they are nested in. */
  outerIds: Map<string, string>;
  /** In the order of their names, which is the same in every store; those of deleted parents, too. */
  childIds: string[];
  /** What a child or parent is called in the answers, since ids differ from store to store. */
  names: Map<string, string>;
  claimed: ClaimedChild[];
  changes: JobStatusChange[];
  folds: FoldResult[];
  drifted: string[];
}

export const createModelRecord = (): ModelRecord => ({
  parentIds: [],
  deletedIds: [],
  hiddenIds: [],
  outerIds: new Map(),
  childIds: [],
  names: new Map(),
  claimed: [],
  changes: [],
  folds: [],
  drifted: [],
});

export function noteParent(record: ModelRecord, { job_id, parent_id }: ParentView): void {
  record.names.set(
    job_id,
    `p${record.parentIds.push(job_id) + record.deletedIds.length + record.hiddenIds.length}`,
  );
  if (parent_id !== null) record.outerIds.set(job_id, parent_id);
}

/** It is gone, and what is nested in it. */
export function noteDeleted(record: ModelRecord, parentId: string): void {
  const gone = new Set([parentId]);
  for (const id of record.parentIds) if (gone.has(record.outerIds.get(id) ?? '')) gone.add(id);
  record.parentIds = record.parentIds.filter((id) => !gone.has(id));
  gone.delete(parentId);
  record.deletedIds.push(parentId);
  record.hiddenIds.push(...gone);
}

/** Keeps changes, and tells them in names. */
export async function note(
  store: JobStore,
  record: ModelRecord,
  changes: readonly JobStatusChange[],
): Promise<string[]> {
  record.changes.push(...changes);
  const nameOf = (id: string) => record.names.get(id) ?? '';
  for (const change of changes) {
    const { job_id, parent_id, from } = change;
    if (isOfParent(change) || from !== null) continue;
    const child = await store.getJob(job_id);
    record.names.set(job_id, `${nameOf(parent_id ?? '')} ${child?.key ?? 'gone'}`);
    record.childIds.push(job_id);
  }
  record.childIds.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return changes.map((change) => `${nameOf(change.job_id)}: ${outlineChange(change)}`).sort();
}

const outlineChange = (change: JobStatusChange): string =>
  [
    `${brief(change)}, run ${change.run}, try ${change.attempt}`,
    change.starts_run ? 'starts' : '',
    change.error?.error_code ?? '',
  ].join(' ');
