import type { PipelineStep } from '@progeny/contract';
import { assertNever } from '@progeny/core';
import type { JobStore, NewParent } from '../job-store.ts';
import { StoreError } from '../store-error.ts';
import type { JobStoreHarness } from './harness.ts';
import type { ModelBirth, ModelCommand, ModelProgress, ModelReport } from './model-command.ts';
import { outlineAll, outlineFold, outlineSaved } from './model-outline.ts';
import { type ModelRecord, note, noteDeleted, noteParent } from './model-record.ts';
import { claimTasks, endPlain, inputs, LEASE_MS, newParent, UNKNOWN_ID } from './scene.ts';

/** Longer than any lease. */
const DEADLINE_MS = 3_600_000;

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
    if (error instanceof StoreError && error.code !== 'unavailable') return error.code;
    throw error;
  }
}

async function perform(harness: JobStoreHarness, record: ModelRecord, command: ModelCommand) {
  const { store } = harness;
  const parentId = ('parent' in command && pick(record.parentIds, command.parent)) || UNKNOWN_ID;
  switch (command.kind) {
    case 'create': {
      const { job, created, changes } = await store.createParent(toParent(record, command));
      if (created) noteParent(record, job);
      return [created, record.names.get(job.job_id), await note(store, record, changes)];
    }
    case 'add': {
      const { children, changes } = await store.addChildren(parentId, keysOf(command.keys));
      return [children.map(({ key, created }) => `${key} ${created}`), await note(store, record, changes)];
    }
    case 'seal':
      return note(store, record, await store.seal(parentId));
    case 'cancel':
      return note(store, record, await store.requestCancel(parentId));
    case 'pause':
      return note(store, record, await store.pause(parentId));
    case 'resume':
      return note(store, record, await store.resume(parentId));
    case 'retry-failed':
      return note(store, record, await store.requestRetryFailed(parentId));
    case 'retry':
      return note(store, record, await store.retryChild(pick(record.childIds, command.child) ?? UNKNOWN_ID));
    case 'delete': {
      const changes = await store.deleteParent(parentId);
      noteDeleted(record, parentId);
      return note(store, record, changes);
    }
    case 'remove':
      return store.removeDeleted(4);
    case 'sweep':
      return note(store, record, await store.sweep(parentId, command.limit));
    case 'fold':
      return foldNoted(store, record, parentId);
    case 'fold-all': {
      const outlines: unknown[] = [];
      const parentIds = command.inwards ? record.parentIds : record.parentIds.toReversed();
      for (const id of [...parentIds]) outlines.push(await foldNoted(store, record, id));
      return outlines;
    }
    case 'sweep-all': {
      const told: unknown[] = [];
      for (const id of [...record.parentIds])
        told.push(await note(store, record, await store.sweep(id, 1_000)));
      return told;
    }
    case 'finish':
      return note(store, record, await endPlain(store, parentId, command.status));
    case 'claim': {
      await harness.makeDue();
      const { children, changes } = await claimTasks(store, 1_000);
      record.claimed.push(...children);
      return note(store, record, changes);
    }
    case 'heartbeat': {
      const claims = record.claimed.map(({ job_id, attempt }) => ({ jobId: job_id, attempt }));
      const { lost } = await store.heartbeat(claims.slice(-20), LEASE_MS);
      return lost.map((id) => record.names.get(id)).sort();
    }
    case 'reap':
      await harness.expireLeases();
      return note(store, record, await store.reapExpired(1_000));
    case 'expire':
      await harness.expireSealTimeouts();
      return note(store, record, await store.expireSeals(1_000));
    case 'deadline':
      await harness.passTime(2 * DEADLINE_MS);
      return note(store, record, await store.expireDeadlines(1_000));
    case 'look':
      return outlineAll(store, record);
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
        await note(store, record, changes),
      ];
    }
    case 'progress': {
      const reports = command.reports.flatMap((report) => toProgress(record, report) ?? []);
      return outlineSaved(await store.saveProgress(reports), record);
    }
    default:
      return assertNever(command);
  }
}

async function foldNoted(store: JobStore, record: ModelRecord, parentId: string) {
  const folds = await store.fold([parentId]);
  record.folds.push(...folds);
  return Promise.all(folds.map(async (fold) => outlineFold(fold, await note(store, record, fold.changes))));
}

function toParent(
  record: ModelRecord,
  { within, key, keys, hasDeadline, hasTimeout, kind: _, ...rest }: ModelBirth,
): NewParent {
  const outerId = within === null ? undefined : pick(record.parentIds, within);
  return {
    ...newParent([], rest),
    children: keysOf(keys),
    deadlineMs: hasDeadline ? DEADLINE_MS : null,
    childTimeoutMs: hasTimeout ? DEADLINE_MS : null,
    ...(outerId && { within: { parentId: outerId, key: key === null ? undefined : `k${key}` } }),
  };
}

function toReport(record: ModelRecord, { child, found, ...report }: ModelReport) {
  const jobId = pick(record.childIds, child);
  return jobId === undefined ? null : { ...report, jobId, children: keysOf(found) };
}

function toProgress(record: ModelRecord, { child, steps, ...report }: ModelProgress) {
  const jobId = pick(record.childIds, child);
  const step = (page_index: number): PipelineStep => ({ event: 'page_started', page_index });
  return jobId === undefined
    ? null
    : { ...report, jobId, steps: Array.from({ length: steps }, (_, i) => step(i)) };
}
