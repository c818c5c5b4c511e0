import type {
  AddedChild,
  ChildInput,
  ChildList,
  ChildStatus,
  ClaimReply,
  Explanation,
  JobError,
  JobList,
  JobStatus,
  JobStatusChange,
  JobView,
  LifecycleEvent,
  ParentJobProgress,
  ParentView,
  ReportAnswer,
  ReportedStatus,
} from '@progeny/contract';
import type { Snapshots } from './snapshot.ts';
import type { TicketStore } from './ticket.ts';

/** Who a job belongs to. */
export interface Owner {
  tenantId: string;
  userId: string;
}

export interface NewParent {
  owner: Owner;
  /** `crawl` or `custom`. */
  type: string;
  name: string;
  /** The request with its defaults, kept as it is and handed to workers. */
  spec: Record<string, unknown>;
  childType: string;
  /** Children beyond this many, however they come, are not taken on; null for no limit. */
  maxChildren: number | null;
  children: readonly ChildInput[];
  sealed: boolean;
  /** Unsealed, without an open child or a change for this long, it is given up by `expireSeals`; null for never. */
  sealTimeoutMs: number | null;
  /**
   * Within one tenant the same key with the same fingerprint is the same job; with another fingerprint StoreError
   * `idempotency_key_reused`.
   */
  idempotency?: { key: string; fingerprint: string };
}

export interface CreatedParent {
  job: ParentView;
  /** False when the idempotency key was known: nothing was changed. */
  created: boolean;
  changes: JobStatusChange[];
}

export interface ClaimOptions {
  workerId: string;
  jobTypes: readonly string[];
  limit: number;
  leaseMs: number;
}

export interface ChildReport {
  jobId: string;
  status: ReportedStatus;
  attempt: number;
  error?: JobError;
  result?: Record<string, unknown>;
  /** A retryable failure with attempts left makes the child pending again, after `retryDelayMs`. */
  retryable?: boolean;
  text?: string;
  /**
   * Inserted in the transaction that applies this report, and only if its outcome is `applied`; a sealed parent
   * takes them too, for its end has not come while this child is open.
   */
  children?: readonly ChildInput[];
}

/** What one fold did to one parent. */
export interface FoldResult {
  tenantId: string;
  userId: string;
  /** The state after it. */
  progress: ParentJobProgress;
  /** False when there was nothing to fold: the version stayed. */
  changed: boolean;
  /** The parent's own status change, when its status changed. */
  changes: JobStatusChange[];
  /** Lifecycle events that this fold recorded, in the order of `seq`. */
  lifecycle: LifecycleEvent[];
  /** Cancelled, but children are open that came in beside the cancel: sweep again. */
  needsSweep: boolean;
  /** How long the oldest change that it counted had stood; null when there was none. */
  lagMs: number | null;
}

export interface ListOptions {
  limit: number;
  cursor?: string;
}

/** A parent's progress, and who may see it. */
export interface OwnedProgress {
  tenantId: string;
  userId: string;
  progress: ParentJobProgress;
}

/**
 * The ledger. A transition of a child and its delta are one transaction; counts change only by folding deltas.
 * Every method that changes something returns the changes of status that really happened, for the bus; a call that
 * changed no status returns none (but see `seal`). A change's `url` is that of the child's payload; the `version` of one job's changes
 * rises. Faults are StoreError; `unavailable` is the one to retry.
 */
export interface JobStore extends TicketStore {
  /** A `pending` parent whose counts hold the children given with it. Its own birth is the first change. */
  createParent(parent: NewParent): Promise<CreatedParent>;

  /**
   * Adds children to an unsealed parent; a key that exists is the same child. Children beyond the parent's
   * `maxChildren` are left out of the answer. StoreError: `job_not_found`, `not_a_parent`, `job_sealed`, `job_ended`
   * (cancelled ones too).
   */
  addChildren(
    parentId: string,
    children: readonly ChildInput[],
  ): Promise<{ children: AddedChild[]; changes: JobStatusChange[] }>;

  /**
   * Says that no more children come, which the next fold shows. The one change has `from` equal to `to`: it wakes
   * whoever folds. Twice is harmless and no change. StoreError: `job_not_found`, `not_a_parent`.
   */
  seal(parentId: string): Promise<JobStatusChange[]>;

  /**
   * Gives up unsealed parents of which no child is open and nothing changed for their `sealTimeoutMs`: seals them,
   * so that the next fold ends them as `failed` with `seal_timeout`. A change each, as of `seal`; at most `limit`.
   */
  expireSeals(limit: number): Promise<JobStatusChange[]>;

  /**
   * Moves due pending children to running, oldest first, each with a new attempt and a lease. Concurrent claims
   * never get the same child. Children of a cancelled parent are not given out.
   */
  claim(options: ClaimOptions): Promise<ClaimReply & { changes: JobStatusChange[] }>;

  /**
   * Applies reports by `decideReport`, as if one after another, one answer each in the order given; a child may occur
   * more than once. What is not the id of a child is `unknown_job`. A newer attempt in the same status is applied
   * without a change of status. What was reported stays until the next says otherwise: an `error`, that of a retried
   * failure too, until the child completes.
   */
  report(reports: readonly ChildReport[]): Promise<{ answers: ReportAnswer[]; changes: JobStatusChange[] }>;

  /** Extends leases; answers the ids whose claim is gone. */
  heartbeat(
    children: readonly { jobId: string; attempt: number }[],
    leaseMs: number,
  ): Promise<{ lost: string[] }>;

  /**
   * Children whose lease has run out become pending again, due at once and in the same attempt until they are
   * claimed, or failed with `lease_expired` when no attempt is left. At most `limit` at a time.
   */
  reapExpired(limit: number): Promise<JobStatusChange[]>;

  /**
   * Marks the parent as cancelled and sealed; the one change has `from` equal to `to`. Its children follow by
   * `sweepCancelled`. StoreError: `job_not_found`, `not_a_parent`, `job_ended` (unless it ended as cancelled, which is the same answer as before).
   */
  requestCancel(parentId: string): Promise<JobStatusChange[]>;

  /**
   * Cancels up to `limit` open children of a cancelled parent; fewer changes than `limit` means that none is left.
   * Of a parent that was not cancelled, and of an unknown one, it cancels none.
   */
  sweepCancelled(parentId: string, limit: number): Promise<JobStatusChange[]>;

  /**
   * Folds what stands there into the counts, derives the status, records the lifecycle by `lifecycleOf`, ends the
   * parent once. Two states of one version differ in `verified_at` at most. What is no parent is left out of the
   * answer; so is a parent that another process is folding at this moment, to be tried again.
   */
  fold(parentIds: readonly string[]): Promise<FoldResult[]>;

  /**
   * Parents that have something to fold, should have ended, or are cancelled and have not ended, for the backup
   * poll; at most `limit`. Only what has stood for `standingMs` already: a change that was just made is being told.
   */
  findUnfolded(limit: number, standingMs?: number): Promise<string[]>;

  /**
   * Compares counts plus unfolded deltas with the rows themselves, corrects a drift and notes the time, both as a new
   * version: `verified` and `drifted` are those that have one. Parents that are active, or ended since their last
   * audit (which keep their last version unless they had drifted); those unaudited for longest first. What follows
   * from a corrected count, the end even, is the next fold's to derive.
   */
  audit(limit: number): Promise<{ audited: number; verified: string[]; drifted: string[] }>;

  /** Null for an unknown job. */
  getJob(jobId: string): Promise<JobView | null>;
  /** Of parents and children, by their ids; what is unknown is left out. */
  findOwners(jobIds: readonly string[]): Promise<Map<string, Owner>>;
  /** Parents, newest first; with an owner at a cost that does not depend on the jobs of others. */
  listParents(
    options: ListOptions & {
      status?: JobStatus;
      /** A tenant, or one user of it. */
      owner?: Pick<Owner, 'tenantId'> & Partial<Owner>;
    },
  ): Promise<JobList>;
  /** Children of a parent, oldest first; StoreError `job_not_found`, `not_a_parent`. */
  listChildren(parentId: string, options: ListOptions & { status?: ChildStatus }): Promise<ChildList>;
  /** The progress of those that exist and are parents, in no order. */
  getProgress(parentIds: readonly string[]): Promise<OwnedProgress[]>;
  /**
   * Those that exist and are parents, in no order. Progress and lifecycle of one job are of one instant: with its
   * terminal event comes its terminal progress, and the other way round.
   */
  readSnapshots(jobIds: readonly string[]): Promise<Snapshots>;
  /** Why a parent has not ended, at a cost that does not depend on its size; StoreError `job_not_found`, `not_a_parent`. */
  explain(parentId: string): Promise<Explanation>;
  /** The recorded lifecycle events of a parent after `afterSeq`, oldest first. */
  listLifecycle(parentId: string, afterSeq: number): Promise<LifecycleEvent[]>;

  /** Resolves when the store answers, else rejects with StoreError `unavailable`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
