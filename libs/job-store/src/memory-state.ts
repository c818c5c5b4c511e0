import type {
  ChildStatus,
  JobError,
  JobStatus,
  JobStatusChange,
  LifecycleEvent,
  ParentStatus,
} from '@progeny/contract';
import type { Counts, Delta } from '@progeny/core';
import type { NewParent, Owner } from './job-store.ts';
import { StoreError } from './store-error.ts';
import type { TicketIdentity } from './ticket.ts';

/** The rows of the in-memory store, open to look at and to tamper with in tests. */
export interface MemoryState {
  ledger: { epoch: string };
  /** Both in the order of creation. */
  parents: Map<string, ParentRow>;
  children: Map<string, ChildRow>;
  /** By hash, in the order of saving. */
  tickets: Map<string, { identity: TicketIdentity; expiresAt: Date }>;
}

interface Row {
  id: string;
  version: number;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  updatedAt: Date;
}

export interface ParentRow
  extends Row,
    Pick<NewParent, 'type' | 'name' | 'spec' | 'childType' | 'maxChildren' | 'sealTimeoutMs'> {
  owner: Owner;
  idempotency: NewParent['idempotency'] | null;
  sealedAt: Date | null;
  cancelRequestedAt: Date | null;
  /** Nobody sealed it in time. */
  sealExpired: boolean;
  /** Changes of children that no fold has counted yet. */
  deltas: (Delta & { at: Date })[];
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
}

export interface ChildRow extends Row {
  parentId: string;
  key: string;
  payload: Record<string, unknown>;
  status: ChildStatus;
  attempt: number;
  dueAt: Date;
  /** Null for a child that runs without a lease, outside. */
  leaseExpiresAt: Date | null;
  leaseOwner: string | null;
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
}

export const childrenOf = (world: MemoryState, parentId: string): ChildRow[] =>
  [...world.children.values()].filter((child) => child.parentId === parentId);

export function requireParent(world: MemoryState, parentId: string): ParentRow {
  const parent = world.parents.get(parentId);
  if (parent) return parent;
  throw world.children.has(parentId)
    ? new StoreError('not_a_parent', 'The job is a child')
    : new StoreError('job_not_found', 'There is no such job');
}

/** The parent of a child that exists. */
export const parentOf = (world: MemoryState, child: ChildRow): ParentRow =>
  requireParent(world, child.parentId);

export const addMs = (date: Date, ms: number): Date => new Date(date.getTime() + ms);

interface Moved {
  from: JobStatus | null;
  to: JobStatus | null;
}

export const parentChange = (world: World, parent: ParentRow, { from, to }: Moved): JobStatusChange => ({
  event_id: world.newId(),
  job_id: parent.id,
  parent_id: null,
  tenant_id: parent.owner.tenantId,
  user_id: parent.owner.userId,
  job_type: parent.type,
  from,
  to,
  attempt: 0,
  version: parent.version,
});

export function childChange(world: World, child: ChildRow, { from, to }: Moved): JobStatusChange {
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
    version: child.version,
    ...(typeof url === 'string' && { url }),
    ...(child.error && { error: child.error }),
  };
}
