import type {
  ChildStatus,
  JobError,
  JobLog,
  LifecycleEvent,
  ParentStatus,
  PipelineEventList,
  StopReason,
} from '@progeny/contract';
import type { ChildProgressState, Counts } from '@progeny/core';
import type { NewParent, Owner } from './job-store.ts';
import { StoreError } from './store-error.ts';
import type { TicketIdentity } from './ticket.ts';

/** The rows of the in-memory store, open to look at and to tamper with in tests. */
export interface MemoryState {
  ledger: { epoch: string };
  /** Both in the order of creation. A nested parent is among the parents alone. */
  parents: Map<string, ParentRow>;
  children: Map<string, ChildRow>;
  /** By hash, in the order of saving. */
  tickets: Map<string, { identity: TicketIdentity; expiresAt: Date }>;
}

interface Row {
  id: string;
  run: number;
  version: number;
  /** What happened in it, the newest. */
  steps: PipelineEventList['events'];
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  updatedAt: Date;
}

export interface ParentRow
  extends Row,
    Pick<NewParent, 'type' | 'name' | 'spec' | 'childType' | 'maxChildren' | 'sealTimeoutMs'>,
    Pick<NewParent, 'priority' | 'failurePolicy' | 'deadlineMs' | 'childTimeoutMs'> {
  /** The parent that it is nested in, and its key there; null for none. */
  parentId: string | null;
  key: string | null;
  owner: Owner;
  idempotency: NewParent['idempotency'] | null;
  sealedAt: Date | null;
  stop: { at: Date; reason: StopReason } | null;
  pausedAt: Date | null;
  /** Children that had failed by then become pending again; null when that is done. */
  retryRequestedAt: Date | null;
  /** Null once it has ended or is stopped. */
  deadlineAt: Date | null;
  deletedAt: Date | null;
  /** Nobody sealed it in time. */
  sealExpired: boolean;
  /** Changes of children, nested parents among them, that no fold has counted yet, in their order. */
  deltas: { jobId: string; from: ChildStatus | null; to: ChildStatus; at: Date }[];
  /** What the last fold made of it. */
  folded: {
    status: ParentStatus;
    version: number;
    sealed: boolean;
    counts: Counts;
    childrenPerSecond: number;
    at: Date;
    verifiedAt: Date | null;
  };
  /** The end was audited: nothing can change any more. */
  auditedAtEnd: boolean;
  error: JobError | null;
  lifecycle: LifecycleEvent[];
  log: JobLog['lines'];
}

export interface ChildRow extends Row {
  parentId: string;
  key: string;
  payload: Record<string, unknown>;
  status: ChildStatus;
  attempt: number;
  /** The attempt before the first of this run. */
  runBase: number;
  dueAt: Date;
  /** Null for a child that runs without a lease, outside. */
  leaseExpiresAt: Date | null;
  leaseOwner: string | null;
  /** No lease of this try reaches beyond; null for no limit. */
  timesOutAt: Date | null;
  /** As last reported in this attempt. */
  progress: ChildProgressState;
  result: Record<string, unknown> | null;
  error: JobError | null;
  text: string | null;
}

export const createMemoryState = (): MemoryState => ({
  ledger: { epoch: crypto.randomUUID() },
  parents: new Map(),
  children: new Map(),
  tickets: new Map(),
});

/** What every operation works on: the rows, and time and ids from outside. */
export interface World extends MemoryState {
  now: () => Date;
  /** Ids have to rise in the order in which they are made. */
  newId: () => string;
  /** Of each queue that claims are served from, who had the last turn. */
  claimTurns: Map<string, string>;
}

/** Undefined for a deleted one, too. */
export function findParent(world: MemoryState, parentId: string): ParentRow | undefined {
  const parent = world.parents.get(parentId);
  return parent?.deletedAt === null ? parent : undefined;
}

/** Undefined for one of a deleted parent, too. */
export function findChild(world: MemoryState, jobId: string): ChildRow | undefined {
  const child = world.children.get(jobId);
  return child && findParent(world, child.parentId) ? child : undefined;
}

export const seenParents = (world: MemoryState): ParentRow[] =>
  [...world.parents.values()].filter(({ deletedAt }) => deletedAt === null);

export const childrenOf = (world: MemoryState, parentId: string): ChildRow[] =>
  [...world.children.values()].filter((child) => child.parentId === parentId);

export function requireParent(world: MemoryState, parentId: string): ParentRow {
  const parent = findParent(world, parentId);
  if (parent) return parent;
  throw findChild(world, parentId)
    ? new StoreError('not_a_parent', 'The job is a child')
    : new StoreError('job_not_found', 'There is no such job');
}

/** The parent of a child that exists. */
export const parentOf = (world: MemoryState, child: ChildRow): ParentRow =>
  requireParent(world, child.parentId);

export const addMs = (date: Date, ms: number): Date => new Date(date.getTime() + ms);

/** Appends what `make` gives with the next number, and lets the oldest beyond `limit` go. */
export function appendNumbered<Line extends { number: number }>(
  lines: Line[],
  limit: number,
  make: (number: number) => Line,
): Line {
  const line = make((lines.at(-1)?.number ?? 0) + 1);
  lines.push(line);
  if (lines.length > limit) lines.shift();
  return line;
}
