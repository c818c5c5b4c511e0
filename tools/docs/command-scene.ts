import type {
  ChildStatus,
  Command,
  JobStatus,
  JobStatusChange,
  ProblemCode,
  ReportedStatus,
} from '@progeny/contract';
import { assertNever } from '@progeny/core';
import { createMemoryJobStore, type JobStore, StoreError } from '@progeny/job-store';

export const PARENT_COMMANDS = ['cancel', 'pause', 'resume', 'retry_failed', 'delete'] as const;

/** How a parent may stand when a command comes, and how the tables name it. */
export const SITUATIONS = {
  pending: '`pending`',
  running: '`running`',
  paused: '`paused`',
  stopping: 'being cancelled',
  retrying: 'being retried',
  completed: '`completed`',
  failed: '`failed`',
  cancelled: '`cancelled`',
} as const;
export type Situation = keyof typeof SITUATIONS;

/** What a command is given to. A child's parent is running, but of one that is `stopped`. */
export type Subject =
  | { kind: 'parent'; situation: Situation }
  /** The same, in another parent that goes on. */
  | { kind: 'nested'; situation: Situation }
  | { kind: 'child'; status: ChildStatus | 'retried' | 'stopped' };

export interface CommandScene {
  /** What it changed, or why it was refused. */
  give(command: Command): Promise<JobStatusChange[] | ProblemCode>;
  /** Carries out what was ordered, as a manager and an executor do. */
  settle(): Promise<void>;
  /** Null when there is no such job any more. */
  look(): Promise<{ status: JobStatus; failed: number; open: number } | null>;
}

export async function createScene(subject: Subject): Promise<CommandScene> {
  const store = newStore();
  const outerIds = subject.kind === 'nested' ? [(await store.createParent(OUTER)).job.job_id] : [];
  const [outerId] = outerIds;
  const { job } = await store.createParent(
    outerId === undefined ? PARENT : { ...PARENT, within: { parentId: outerId } },
  );
  const parentId = job.job_id;
  const settle = async () => {
    while ((await store.sweep(parentId, ALL)).length > 0);
    await store.fold([parentId]);
    await store.fold(outerIds);
  };
  const jobId =
    subject.kind === 'child'
      ? await bringChildTo(store, { parentId, status: subject.status })
      : await bringParentTo(store, { parentId, situation: subject.situation, settle });
  return {
    give: (command) => give(store, jobId, command),
    settle,
    async look() {
      const [owned] = await store.getProgress([parentId]);
      const view = await store.getJob(jobId);
      if (!owned || !view) return null;
      const { failed_children, pending_children, running_children } = owned.progress;
      return { status: view.status, failed: failed_children, open: pending_children + running_children };
    },
  };
}

async function bringParentTo(
  store: JobStore,
  { parentId, situation, settle }: { parentId: string; situation: Situation; settle: () => Promise<void> },
): Promise<string> {
  switch (situation) {
    case 'pending':
      break;
    case 'running':
    case 'paused':
      await report(store, parentId, ['failed', 'completed', 'running']);
      if (situation === 'paused') await store.pause(parentId);
      break;
    case 'stopping':
    case 'cancelled':
      await report(store, parentId, ['failed', 'completed', 'running']);
      await store.requestCancel(parentId);
      if (situation === 'cancelled') await settle();
      break;
    case 'completed':
    case 'retrying':
      await report(store, parentId, ['failed', 'completed', 'completed', 'completed']);
      await store.fold([parentId]);
      if (situation === 'retrying') await store.requestRetryFailed(parentId);
      break;
    case 'failed':
      await report(store, parentId, ['failed', 'failed', 'failed', 'failed']);
      break;
    default:
      assertNever(situation);
  }
  await store.fold([parentId]);
  return parentId;
}

async function bringChildTo(
  store: JobStore,
  { parentId, status }: { parentId: string; status: ChildStatus | 'retried' | 'stopped' },
): Promise<string> {
  const ending = status === 'retried' || status === 'stopped' ? 'failed' : status;
  const childId = await report(store, parentId, ending === 'pending' ? [] : [ending]);
  if (status === 'retried') await store.retryChild(childId);
  if (status === 'stopped') await store.requestCancel(parentId);
  await store.fold([parentId]);
  return childId;
}

/** Reports these of its children, the oldest first. The id of the first child. */
async function report(
  store: JobStore,
  parentId: string,
  statuses: readonly ReportedStatus[],
): Promise<string> {
  const { children } = await store.listChildren(parentId, { limit: ALL });
  await store.report(
    statuses.map((status, index) => ({ jobId: children[index]?.job_id ?? '', attempt: 1, status })),
  );
  return children[0]?.job_id ?? '';
}

async function give(store: JobStore, jobId: string, command: Command) {
  try {
    switch (command) {
      case 'cancel':
        return await store.requestCancel(jobId);
      case 'pause':
        return await store.pause(jobId);
      case 'resume':
        return await store.resume(jobId);
      case 'retry_failed':
        return await store.requestRetryFailed(jobId);
      case 'retry':
        return await store.retryChild(jobId);
      case 'delete':
        return await store.deleteParent(jobId);
      default:
        return assertNever(command);
    }
  } catch (error) {
    if (error instanceof StoreError) return error.code;
    throw error;
  }
}

function newStore(): JobStore {
  let nowMs = Date.parse('2030-01-01T00:00:00Z');
  let lastId = 0;
  return createMemoryJobStore({
    now: () => new Date(++nowMs),
    newId: () => `01890000-0000-7000-8000-${(++lastId).toString(16).padStart(12, '0')}`,
  });
}

const ALL = 100;

const PARENT = {
  owner: { tenantId: 'acme', userId: 'ann' },
  type: 'custom',
  name: 'a job',
  spec: {},
  childType: 'task',
  maxChildren: null,
  children: ['a', 'b', 'c', 'd'].map((key) => ({ key, payload: {} })),
  sealed: true,
  sealTimeoutMs: null,
  priority: 0,
  failurePolicy: 'continue' as const,
  deadlineMs: null,
  childTimeoutMs: null,
};

const OUTER = { ...PARENT, children: [], sealed: false };
