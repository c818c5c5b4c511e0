import type {
  AddedChild,
  ChildInput,
  ChildList,
  ChildStatus,
  ClaimReply,
  Explanation,
  FailurePolicy,
  JobError,
  JobList,
  JobLog,
  JobProgressEvent,
  JobStatus,
  JobStatusChange,
  JobView,
  LifecycleEvent,
  ParentJobProgress,
  ParentView,
  PipelineEvent,
  PipelineEventList,
  PipelineStep,
  ProgressOutcome,
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
  /** Children of a higher one are given out first. */
  priority: number;
  failurePolicy: FailurePolicy;
  /** From its creation: `expireDeadlines` stops it then; null for never. */
  deadlineMs: number | null;
  /** Of one try of a child, after which `reapExpired` takes it back; null for no limit. */
  childTimeoutMs: number | null;
  /**
   * The unsealed parent that this one becomes a child of, and its key there; without one its own id. It belongs to whom
   * that parent belongs, and is paused when that one is.
   */
  within?: { parentId: string; key?: string | undefined };
  /**
   * Within one tenant the same key with the same fingerprint is the same job; with another fingerprint StoreError
   * `idempotency_key_reused`.
   */
  idempotency?: { key: string; fingerprint: string };
}

export interface CreatedParent {
  job: ParentView;
  /** False when the idempotency key, or the key within its parent, was known: nothing was changed. */
  created: boolean;
  changes: JobStatusChange[];
}

export interface ClaimOptions {
  /** Of the jobs of this tenant alone; left out, of everybody's. */
  tenantId?: string;
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

/** How far a child is, and what happened in a job. Parts that are left out stay as they are. */
export interface ChildProgressReport {
  jobId: string;
  /** Of the try that it is about; left out, of the present one. */
  attempt?: number | undefined;
  /** Percent. */
  progress?: number | undefined;
  stage?: string | undefined;
  label?: string | undefined;
  steps: readonly PipelineStep[];
}

/** Something of one job, as it travels on the bus. */
export interface OwnedEvent<Payload> {
  owner: Owner;
  payload: Payload;
}

/** What reports of progress did. */
export interface ProgressSaved {
  /** One for each report, in the order given. */
  outcomes: ProgressOutcome[];
  /** The new state of each child whose progress changed: one of a child, the last. */
  progress: OwnedEvent<JobProgressEvent['payload']>[];
  /** Each step that was stored, in the order of its number. */
  steps: OwnedEvent<PipelineEvent['payload']>[];
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
  /** Stopped with open children, or in the midst of a retry: sweep again. */
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

/** Who asks: somebody of a tenant, or with no user all of it. */
export type Caller = Pick<Owner, 'tenantId'> & Partial<Owner>;

/** What services alone do, with everybody's jobs. */
type ServiceMethod =
  | 'as'
  | 'reapExpired'
  | 'expireSeals'
  | 'expireDeadlines'
  | 'sweep'
  | 'deleteEnded'
  | 'removeDeleted'
  | 'fold'
  | 'findUnfolded'
  | 'audit'
  | 'ping'
  | 'close'
  | keyof TicketStore;
export type CallerStore = Omit<JobStore, ServiceMethod>;

/**
 * The ledger. A transition of a child and its delta are one transaction; counts change only by folding deltas.
 * Every method that changes something returns the changes of status that really happened, for the bus; a call that
 * changed no status returns none (but see `seal`). A change's `url` is that of the child's payload; the `version` of one job's changes
 * rises. Faults are StoreError; `unavailable` is the one to retry.
 */
export interface JobStore extends TicketStore {
  /**
   * The store as that caller has it: what belongs to others is not there, to be read or to be changed, and answers like
   * what never was. A parent can be created for no one but the caller.
   */
  as(caller: Caller): CallerStore;

  /**
   * A `pending` parent whose counts hold the children given with it. Its own birth is the first change. One that is nested
   * in another counts there as a child: a last change wakes whoever folds that one, as of `seal`. StoreError for a nested
   * one: `job_not_found`, `not_a_parent`, `job_sealed`, `job_ended` (of the other), `nested_too_deep`,
   * `too_many_children`, and `key_taken` by a child that is no parent.
   */
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
   * Moves due pending children to running, each with a new attempt and a lease. Concurrent claims never get the same
   * child. Tenants take turns; within a tenant parents with a higher priority come first, and those of one priority take
   * turns, each with its oldest children, so that a small one does not wait for a huge one. Children of stopped and
   * paused parents are not given out. The answer is in the order of creation.
   */
  claim(options: ClaimOptions): Promise<ClaimReply & { changes: JobStatusChange[] }>;

  /**
   * Applies reports by `decideReport`, as if one after another, one answer each in the order given; a child may occur
   * more than once. What is not the id of a child is `unknown_job`. A newer attempt in the same status is applied
   * without a change of status. What was reported stays until the next says otherwise: an `error`, that of a retried
   * failure too, until the child completes.
   */
  report(reports: readonly ChildReport[]): Promise<{ answers: ReportAnswer[]; changes: JobStatusChange[] }>;

  /** Extends leases, but none beyond the time-out of its try; answers the ids whose claim is gone or has timed out. */
  heartbeat(
    children: readonly { jobId: string; attempt: number }[],
    leaseMs: number,
  ): Promise<{ lost: string[] }>;

  /**
   * Children whose lease has run out become pending again, due at once and in the same attempt until they are
   * claimed, or failed when no attempt is left: with `timed_out` when this one took longer than it may, else with
   * `lease_expired`. At most `limit` at a time.
   */
  reapExpired(limit: number): Promise<JobStatusChange[]>;

  /**
   * Marks the parent as cancelled and sealed; the one change has `from` equal to `to`. Its children follow by
   * `sweep`. StoreError: `job_not_found`, `not_a_parent`, `job_ended` (unless it ended as cancelled, which is the same
   * answer as before).
   */
  requestCancel(parentId: string): Promise<JobStatusChange[]>;

  /**
   * No more of its children are given out until `resume`; those that run may end. Both reach the parents nested in it,
   * with a change each. Changes and harmlessness as of `seal`. StoreError: `job_not_found`, `not_a_parent`, `job_ended`,
   * `job_cancelling`.
   */
  pause(parentId: string): Promise<JobStatusChange[]>;
  /** Of a parent that is not paused no change. StoreError: `job_not_found`, `not_a_parent`, `job_ended`. */
  resume(parentId: string): Promise<JobStatusChange[]>;

  /**
   * Says that the children that have failed by now are to be tried again, in a new run each; they follow by `sweep`.
   * An ended parent runs again from here on: whatever stopped, paused or gave it up does not stick, and its deadline
   * counts from now; so do the ended ones that it is nested in. Its status follows with the next fold. Without a failed
   * child, and of one that retries already, no change. StoreError: `job_not_found`, `not_a_parent`, `job_cancelling` (of one that is being stopped, or is nested in
   * such a one).
   */
  requestRetryFailed(parentId: string): Promise<JobStatusChange[]>;

  /**
   * Makes one child that failed or was cancelled pending in a new run; its parent runs again, as of
   * `requestRetryFailed`. A nested parent is retried by `requestRetryFailed`. Of a child that was retried and is open no change. StoreError: `job_not_found`,
   * `not_a_child`, `not_retryable`, `job_cancelling`.
   */
  retryChild(jobId: string): Promise<JobStatusChange[]>;

  /**
   * Moves up to `limit` children as a command wants it: cancels open ones of a stopped parent, running ones first, makes
   * those pending that a retry is about. A nested parent is stopped, or has its own failed children retried, with a change
   * as of `seal`; a retry is over when each of them runs again. Fewer changes than `limit` means that none is left. Of any other parent it
   * moves none. A retry that is over without another child is one change of the parent, as of `seal`: it may have ended
   * by that.
   */
  sweep(parentId: string, limit: number): Promise<JobStatusChange[]>;

  /** Stops parents that are past their deadline, as `requestCancel` does; they end as `failed`. At most `limit`. */
  expireDeadlines(limit: number): Promise<JobStatusChange[]>;

  /**
   * Hides an ended parent and all its children from every reader; `removeDeleted` removes the rows. Its idempotency key
   * is free again. What is nested in it goes with it, and cannot go alone. The one change, of the parent, has `to` null.
   * StoreError: `job_not_found` (of a deleted one, too), `not_a_parent`, `nested_job`, `job_not_ended`.
   */
  deleteParent(parentId: string): Promise<JobStatusChange[]>;
  /** The same for parents that ended longer ago than that; at most `limit`. */
  deleteEnded(olderThanMs: number, limit: number): Promise<JobStatusChange[]>;
  /** Removes up to `limit` rows: children of deleted parents, then parents that have none left. Answers how many. */
  removeDeleted(limit: number): Promise<number>;

  /**
   * Stores how far running children are, of each part what was said last, and appends what happened in any job, parent
   * or child, even one that has ended since; the newest steps of each are kept. A stage without a label clears it. What
   * is about an older attempt changes nothing.
   */
  saveProgress(reports: readonly ChildProgressReport[]): Promise<ProgressSaved>;

  /**
   * Folds what stands there into the counts, derives the status, records the lifecycle by `lifecycleOf`, ends the
   * parent once. What that makes of a nested one stands as a change in the parent around it, to be folded there. Two states of one version differ in `verified_at` at most. What is no parent is left out of the
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
  /** Parents that are nested in no other, newest first; with an owner at a cost that does not depend on the jobs of others. */
  listParents(
    options: ListOptions & {
      status?: JobStatus;
      /** A tenant, or one user of it. */
      owner?: Caller;
    },
  ): Promise<JobList>;
  /** Children of a parent, oldest first, nested parents among them; StoreError `job_not_found`, `not_a_parent`. */
  listChildren(parentId: string, options: ListOptions & { status?: ChildStatus }): Promise<ChildList>;
  /** The progress of those that exist and are parents, in no order. */
  getProgress(parentIds: readonly string[]): Promise<OwnedProgress[]>;
  /**
   * Those that exist, parents and children, in no order. Progress and lifecycle of one job are of one instant: with
   * its terminal event comes its terminal progress, and the other way round.
   */
  readSnapshots(jobIds: readonly string[]): Promise<Snapshots>;
  /** Why a parent has not ended, at a cost that does not depend on its size; StoreError `job_not_found`, `not_a_parent`. */
  explain(parentId: string): Promise<Explanation>;
  /** The steps within one job, parent or child. StoreError `job_not_found`. */
  listSteps(jobId: string): Promise<PipelineEventList>;
  /** What happened to the children of a parent, as folds have counted it. StoreError `job_not_found`, `not_a_parent`. */
  listLog(parentId: string): Promise<JobLog>;

  /** Resolves when the store answers, else rejects with StoreError `unavailable`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
