import type { ClaimedChild, Explanation, JobStatusChange } from '@progeny/contract';
import { assertNever } from '@progeny/core';
import type { FoldResult } from '../job-store.ts';
import { StoreError } from '../store-error.ts';
import type { JobStoreHarness } from './harness.ts';
import type { ModelCommand, ModelReport } from './model-command.ts';
import { brief, claimTasks, inputs, LEASE_MS, newParent } from './scene.ts';

/** Everything that a store gave back in the course of a history. */
export interface ModelRecord {
  parentIds: string[];
  /** In the order of their names, which is the same in every store. */
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
  childIds: [],
  names: new Map(),
  claimed: [],
  changes: [],
  folds: [],
  drifted: [],
});

const keysOf = (numbers: readonly number[]) => inputs(...numbers.map((number) => `k${number}`));

const pick = <T>(from: readonly T[], number: number): T | undefined => from[number % from.length];

/** Does one command, and answers what there is to compare with another store that did the same. */
export async function play(
  harness: JobStoreHarness,
  record: ModelRecord,
  command: ModelCommand,
): Promise<unknown> {
  try {
    return await perform(harness, record, command);
  } catch (error) {
    if (error instanceof StoreError && (error.code === 'job_sealed' || error.code === 'job_ended')) {
      return error.code;
    }
    throw error;
  }
}

async function perform(harness: JobStoreHarness, record: ModelRecord, command: ModelCommand) {
  const { store } = harness;
  const parentId = 'parent' in command ? (pick(record.parentIds, command.parent) ?? '') : '';
  switch (command.kind) {
    case 'create': {
      const { keys, sealed, maxChildren } = command;
      const given = { ...newParent([], { sealed, maxChildren }), children: keysOf(keys) };
      const { job, changes } = await store.createParent(given);
      record.names.set(job.job_id, `p${record.parentIds.push(job.job_id)}`);
      return note(harness, record, changes);
    }
    case 'add': {
      const { children, changes } = await store.addChildren(parentId, keysOf(command.keys));
      return [children.map(({ key, created }) => `${key} ${created}`), await note(harness, record, changes)];
    }
    case 'seal':
      return note(harness, record, await store.seal(parentId));
    case 'cancel':
      return note(harness, record, await store.requestCancel(parentId));
    case 'sweep':
      return note(harness, record, await store.sweep(parentId, 1_000));
    case 'fold': {
      const folds = await store.fold([parentId]);
      record.folds.push(...folds);
      const outlines = folds.map(async (fold) => outline(fold, await note(harness, record, fold.changes)));
      return Promise.all(outlines);
    }
    case 'claim': {
      await harness.makeDue();
      const { children, changes } = await claimTasks(store, 1_000);
      record.claimed.push(...children);
      return note(harness, record, changes);
    }
    case 'heartbeat': {
      const claims = record.claimed.map(({ job_id, attempt }) => ({ jobId: job_id, attempt }));
      const { lost } = await store.heartbeat(claims.slice(-20), LEASE_MS);
      return lost.map((id) => record.names.get(id)).sort();
    }
    case 'reap':
      await harness.expireLeases();
      return note(harness, record, await store.reapExpired(1_000));
    case 'expire':
      await harness.expireSealTimeouts();
      return note(harness, record, await store.expireSeals(1_000));
    case 'explain': {
      const explained = await Promise.all(record.parentIds.map((id) => store.explain(id)));
      return explained.map((one) => outlineExplanation(one, record));
    }
    case 'audit': {
      const { drifted } = await store.audit(1_000);
      record.drifted.push(...drifted);
      return drifted.length;
    }
    case 'report': {
      const { answers, changes } = await store.report(
        command.reports.flatMap((report) => toReport(record, report) ?? []),
      );
      return [
        answers.map(({ outcome, status, attempt }) => `${outcome} ${status} ${attempt}`),
        await note(harness, record, changes),
      ];
    }
    default:
      return assertNever(command);
  }
}

function toReport(record: ModelRecord, { child, found, ...report }: ModelReport) {
  const jobId = pick(record.childIds, child);
  return jobId === undefined ? null : { ...report, jobId, children: keysOf(found) };
}

/** Keeps changes, and tells them in names. */
async function note({ store }: JobStoreHarness, record: ModelRecord, changes: readonly JobStatusChange[]) {
  record.changes.push(...changes);
  const nameOf = (id: string) => record.names.get(id) ?? '';
  for (const { job_id, parent_id, from } of changes) {
    if (parent_id === null || from !== null) continue;
    const child = await store.getJob(job_id);
    record.names.set(job_id, `${nameOf(parent_id)} ${child && 'key' in child ? child.key : 'gone'}`);
    record.childIds.push(job_id);
  }
  record.childIds.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return changes.map((change) => `${nameOf(change.job_id)}: ${brief(change)}, try ${change.attempt}`).sort();
}

function outline({ progress, changed, lifecycle, needsSweep }: FoldResult, changes: string[]) {
  const { version, status, sealed, progress_text, progress_percentage, total_children } = progress;
  const events = lifecycle.map(({ type, payload }) => `${payload.seq} ${type}`);
  return {
    ...{ version, status, sealed, progress_text, progress_percentage, total_children },
    ...{ changed, changes, events, needsSweep },
  };
}

/** Whose numbers and words are the same in every store; times are not. */
const outlineExplanation = (
  { reasons, open_children, unfolded_changes, sealed_at, seal_expires_at }: Explanation,
  record: ModelRecord,
) => ({
  reasons: reasons.map(({ code }) => code),
  open: open_children
    .map((child) => `${record.names.get(child.job_id)} ${child.status} ${child.attempt}`)
    .sort(),
  unfolded: unfolded_changes.count,
  sealed: sealed_at !== null,
  mayExpire: seal_expires_at !== null,
});
