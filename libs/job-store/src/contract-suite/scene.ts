import type {
  ChildInput,
  ChildView,
  JobStatusChange,
  LifecycleEvent,
  ParentJobProgress,
  ReportedStatus,
  ReportOutcome,
} from '@progeny/contract';
import { type Counts, zeroCounts } from '@progeny/core';
import type { ChildReport, CreatedParent, FoldResult, JobStore, NewParent } from '../job-store.ts';
import type { Snapshot } from '../snapshot.ts';
import { StoreError, type StoreErrorCode } from '../store-error.ts';
import type { JobStoreHarness } from './harness.ts';

export const UNKNOWN_ID = '01890000-0000-7000-8000-00000000dead';
export const LEASE_MS = 30_000;

export const inputs = (...keys: string[]): ChildInput[] => keys.map((key) => ({ key, payload: { key } }));

export const numbered = (count: number, prefix = 'k'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** A custom parent of nobody in particular, unsealed, with children by these keys. */
export const newParent = (keys: readonly string[] = [], more: Partial<NewParent> = {}): NewParent => ({
  owner: { tenantId: 'acme', userId: 'ann' },
  type: 'custom',
  name: 'a job',
  spec: { type: 'custom' },
  childType: 'task',
  maxChildren: null,
  children: inputs(...keys),
  sealed: false,
  sealTimeoutMs: 3_600_000,
  priority: 0,
  failurePolicy: 'continue',
  deadlineMs: null,
  childTimeoutMs: null,
  ...more,
});

export const createWith = (
  store: JobStore,
  keys: readonly string[] = [],
  more: Partial<NewParent> = {},
): Promise<CreatedParent> => store.createParent(newParent(keys, more));

/** The id of a parent, fresh, with children by these keys. */
export const parentWith = async (
  store: JobStore,
  keys: readonly string[] = [],
  more: Partial<NewParent> = {},
): Promise<string> => (await createWith(store, keys, more)).job.job_id;

export const claimTasks = (store: JobStore, limit = 100, leaseMs = LEASE_MS) =>
  store.claim({ workerId: 'w1', jobTypes: ['task'], limit, leaseMs });

export async function allChildren(store: JobStore, parentId: string): Promise<ChildView[]> {
  const children: ChildView[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await store.listChildren(parentId, { limit: 200, ...(cursor && { cursor }) });
    children.push(...page.children);
    cursor = page.next_cursor;
  } while (cursor);
  return children;
}

export async function childByKey(store: JobStore, parentId: string, key: string): Promise<ChildView> {
  const child = (await allChildren(store, parentId)).find((candidate) => candidate.key === key);
  if (!child) throw new Error(`no child ${key}`);
  return child;
}

export const childId = async (store: JobStore, parentId: string, key: string): Promise<string> =>
  (await childByKey(store, parentId, key)).job_id;

/** A parent with one child `a`, which runs in attempt 1. */
export async function runningChild(harness: JobStoreHarness, more: Partial<NewParent> = {}) {
  const { store } = harness;
  const parentId = await parentWith(store, ['a'], more);
  await claimTasks(store);
  return { ...harness, parentId, jobId: await childId(store, parentId, 'a') };
}

export async function reportOutcomes(
  store: JobStore,
  reports: readonly ChildReport[],
): Promise<ReportOutcome[]> {
  return (await store.report(reports)).answers.map(({ outcome }) => outcome);
}

/** Ends open children in the attempt that they are in; the first when they are in none. */
export const end = async (
  store: JobStore,
  parentId: string,
  status: 'completed' | 'failed' | 'cancelled' | 'skipped' = 'completed',
): Promise<void> => {
  await endPlain(store, parentId, status);
};

/** The same, with the changes; what is nested ends by itself. */
export async function endPlain(
  store: JobStore,
  parentId: string,
  status: 'completed' | 'failed' | 'cancelled' | 'skipped',
): Promise<JobStatusChange[]> {
  const open = (await allChildren(store, parentId)).filter(
    (child) => !child.is_parent && (child.status === 'pending' || child.status === 'running'),
  );
  const reports = open.map(({ job_id, attempt }) => ({
    jobId: job_id,
    status,
    attempt: Math.max(1, attempt),
  }));
  return reports.length > 0 ? (await store.report(reports)).changes : [];
}

/** Reports what became of some children by their keys, in the attempt that they are in; the first when in none. */
export async function reportKeys(
  store: JobStore,
  parentId: string,
  ends: Readonly<Record<string, ReportedStatus>>,
): Promise<JobStatusChange[]> {
  const children = (await allChildren(store, parentId)).filter(({ key }) => key in ends);
  const reports = children.map(({ job_id, key, attempt }) => ({
    jobId: job_id,
    status: ends[key] ?? 'completed',
    attempt: Math.max(1, attempt),
  }));
  return (await store.report(reports)).changes;
}

/** A sealed parent that has ended, with its children as given. */
export async function endedWith(
  store: JobStore,
  ends: Readonly<Record<string, ReportedStatus>>,
  more: Partial<NewParent> = {},
): Promise<string> {
  const parentId = await parentWith(store, Object.keys(ends), { sealed: true, ...more });
  await reportKeys(store, parentId, ends);
  await settle(store, parentId);
  return parentId;
}

export interface Settled {
  progress: ParentJobProgress;
  lifecycle: LifecycleEvent[];
  changes: JobStatusChange[];
  needsSweep: boolean;
}

/** One fold of one parent; tries again while somebody else folds it. */
export async function foldOnce(store: JobStore, parentId: string): Promise<FoldResult> {
  for (let tries = 0; tries < 1_000; tries++) {
    const [result] = await store.fold([parentId]);
    if (result) return result;
  }
  throw new Error('the fold was left out a thousand times');
}

/** Folds a parent until nothing is left to fold. */
export async function settle(store: JobStore, parentId: string): Promise<Settled> {
  const lifecycle: LifecycleEvent[] = [];
  const changes: JobStatusChange[] = [];
  for (let folds = 0; folds < 10; folds++) {
    const result = await foldOnce(store, parentId);
    lifecycle.push(...result.lifecycle);
    changes.push(...result.changes);
    if (!result.changed) {
      return { progress: result.progress, needsSweep: result.needsSweep, lifecycle, changes };
    }
  }
  throw new Error('there was something to fold ten times, though nothing came in');
}

/** Sweeps a parent until nothing is left to sweep. */
export async function sweepToEnd(store: JobStore, parentId: string, limit = 100): Promise<Settled> {
  for (let rounds = 0; rounds < 10; rounds++) {
    const settled = await settle(store, parentId);
    if (!settled.needsSweep) return settled;
    let swept: JobStatusChange[];
    do swept = await store.sweep(parentId, limit);
    while (swept.length >= limit);
  }
  throw new Error('there was something to sweep ten times');
}

export const counts = (some: Partial<Counts>): Counts => ({ ...zeroCounts, ...some });

export const countsOf = (progress: ParentJobProgress): Counts => ({
  pending: progress.pending_children,
  running: progress.running_children,
  completed: progress.completed_children,
  failed: progress.failed_children,
  cancelled: progress.cancelled_children,
  skipped: progress.skipped_children,
});

export async function progressOf(store: JobStore, parentId: string): Promise<ParentJobProgress> {
  const [owned] = await store.getProgress([parentId]);
  if (!owned) throw new Error('no such parent');
  return owned.progress;
}

export type ParentSnapshot = Extract<Snapshot, { kind: 'parent' }>;
export type ChildSnapshot = Extract<Snapshot, { kind: 'child' }>;

export async function snapshotOf(store: JobStore, parentId: string): Promise<ParentSnapshot> {
  const [snapshot] = (await store.readSnapshots([parentId])).snapshots;
  if (snapshot?.kind !== 'parent') throw new Error('no such parent');
  return snapshot;
}

export async function childSnapshotOf(store: JobStore, jobId: string): Promise<ChildSnapshot> {
  const [snapshot] = (await store.readSnapshots([jobId])).snapshots;
  if (snapshot?.kind !== 'child') throw new Error('no such child');
  return snapshot;
}

/** The recorded lifecycle of a parent. */
export const lifecycleOf = async (store: JobStore, parentId: string): Promise<LifecycleEvent[]> =>
  (await snapshotOf(store, parentId)).lifecycle;

/** The code of the StoreError that a call is refused with. */
export async function refusal(call: Promise<unknown>): Promise<StoreErrorCode> {
  const outcome = await call.then(
    () => new Error('the call was not refused'),
    (error: unknown) => error,
  );
  if (outcome instanceof StoreError) return outcome.code;
  throw outcome;
}

/** The lifecycle of a parent, as `1 JOB_STARTED`. */
export const toldOf = async (store: JobStore, parentId: string): Promise<string[]> =>
  outlineEvents(await lifecycleOf(store, parentId));

export const outlineEvents = (events: readonly LifecycleEvent[]): string[] =>
  events.map(({ type, payload }) => `${payload.seq} ${type}`);

export const brief = ({ from, to }: Pick<JobStatusChange, 'from' | 'to'>): string => `${from} -> ${to}`;

/** One more event of a parent that has had many, which only a retry could have made. */
export const strangeEvent = (parentId: string, seq: number): LifecycleEvent => ({
  type: 'JOB_STARTED',
  payload: { job_id: parentId, parent_id: null, operation_type: 'custom', seq },
  timestamp: '2030-01-01T00:00:00.000Z',
});
