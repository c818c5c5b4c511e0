import type { ClaimedChild, JobStatusChange } from '@progeny/contract';
import type { FoldResult, JobStore } from '../job-store.ts';
import { brief } from './scene.ts';

/** Everything that a store gave back in the course of a history. */
export interface ModelRecord {
  /** Those that were not deleted. */
  parentIds: string[];
  deletedIds: string[];
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
  childIds: [],
  names: new Map(),
  claimed: [],
  changes: [],
  folds: [],
  drifted: [],
});

/** Keeps changes, and tells them in names. */
export async function note(
  store: JobStore,
  record: ModelRecord,
  changes: readonly JobStatusChange[],
): Promise<string[]> {
  record.changes.push(...changes);
  const nameOf = (id: string) => record.names.get(id) ?? '';
  for (const { job_id, parent_id, from } of changes) {
    if (parent_id === null || from !== null) continue;
    const child = await store.getJob(job_id);
    record.names.set(job_id, `${nameOf(parent_id)} ${child && 'key' in child ? child.key : 'gone'}`);
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
