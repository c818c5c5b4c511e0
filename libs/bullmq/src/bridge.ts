import type { Reporter, ReporterLog } from '@progeny/reporter';
import type { Job, Queue, QueueEvents, Worker } from 'bullmq';

// Whatever a queue's jobs are made of: these types are invariant in it, and nothing here depends on it.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type AnyWorker = Worker<any, any, any>;
// biome-ignore lint/suspicious/noExplicitAny: see above
export type AnyQueue = Queue<any, any, any>;
// biome-ignore lint/suspicious/noExplicitAny: see above
export type AnyJob = Job<any, any, any>;

export interface AttachOptions {
  reporter: Reporter;
  /** Read from for what events do not say, and for repairs; nothing is written to it. */
  queue: AnyQueue;
  /** Its jobs are told as they happen. Give at least one of the two. */
  worker?: AnyWorker;
  /** Tells of the jobs of all workers, and of those that wait. */
  queueEvents?: QueueEvents;
  /** Puts all jobs without a flow under one parent of that name, left out: under one for each day. */
  parentName?: string;
  /** The name of the parent of that job, which has no flow; undefined for the usual one. */
  parentOf?: (job: AnyJob) => string | undefined;
  /** What is kept of a job beside its status; `{ job_name, ...data }` by itself. */
  payloadOf?: (job: AnyJob) => Record<string, unknown>;
  /** Of jobs that have ended, how many a repair walks at most, the newest; of the completed and of the failed each. */
  repairEndedMax?: number;
  log?: ReporterLog;
}

export interface BridgeCounters {
  /** Events of BullMQ that were told on. */
  readonly events: number;
  /** Events given up because too many waited; a repair follows. What the reporter gives up it counts itself. */
  readonly lostEvents: number;
  /** Repairs that came to their end. */
  readonly repairs: number;
}

export interface BullMQBridge {
  readonly counters: BridgeCounters;
  /**
   * Walks the queue and reports what its jobs are. Happens by itself at the start, and after a loss as soon as the
   * manager takes reports; then of the ended jobs only those that the loss can be about. Resolves with how many jobs it reported, once they are with the reporter; rejects when
   * Redis or the manager is away.
   */
  repair(): Promise<{ jobs: number }>;
  /** Says of the parent of `parentName` that no more jobs come; of days and flows that is said by itself. */
  seal(): void;
  /** Resolves when everything that BullMQ has told so far is with the reporter. */
  settle(): Promise<void>;
  /**
   * Hears no more, after a `settle` of at most `timeoutMs` (5 s). The reporter, the queue and the worker stay open.
   * Idempotent.
   */
  close(timeoutMs?: number): Promise<void>;
}

/** A repair could not be brought to its end; it is tried again by itself. */
export class RepairError extends Error {
  readonly code = 'repair_failed';
}
