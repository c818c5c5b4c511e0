import type { FailurePolicy, JobError, PipelineStep, ReportedStatus } from './wire.ts';

/** A custom parent. The same `idempotencyKey` is the same parent, also of another process and after a restart. */
export interface ParentOptions {
  idempotencyKey: string;
  /** For people; at most 200 characters. */
  name?: string;
  /** What kind of work the children are: `[a-z][a-z0-9_-]*`, `task` by itself. */
  childType?: string;
  /** Given up as failed when nothing of it is open and nothing happened for this long; a week by itself, and at most. */
  sealTimeoutSeconds?: number;
  failurePolicy?: FailurePolicy;
  deadlineSeconds?: number;
  priority?: number;
  /**
   * It is a child, too: of another parent of this reporter, or of a job by its id, under `key`. It is created at once,
   * and the other is not sealed before.
   */
  within?: { parent: ParentReporter | string; key: string };
}

export interface StatusReport {
  status: ReportedStatus;
  /** Which try, from 1. What an older try says changes nothing any more; one after a failure has the child run again. */
  attempt: number;
  /** Anything that JSON can say; what is no object is kept as `{ value }`, what is too large is cut and says so. */
  result?: unknown;
  /** Cut to the limits; `error_code` is made to fit `[a-z0-9_]`. */
  error?: Partial<JobError> & Pick<JobError, 'error_code'>;
}

export interface ProgressReport {
  /** Left out: of the present try. */
  attempt?: number;
  /** Percent; rounded down, and kept between 0 and 100. */
  progress?: number;
  stage?: string;
  /** The stage, for people. */
  label?: string;
  events?: readonly PipelineStep[];
}

/** Everything here returns at once, throws nothing and keeps the order of what is said of one child. */
export interface ParentReporter {
  /** Makes sure that there is such a child; the same key is the same child. The others do so by themselves. */
  addChild(key: string, payload?: Record<string, unknown>): void;
  status(key: string, report: StatusReport): void;
  /** Progress that was not sent yet is replaced by newer, its events are kept. */
  progress(key: string, report: ProgressReport): void;
  /** No more children come. Sent when all those named before stand; lost when one of them was, see `onLost`. */
  seal(): void;
  /**
   * Resolves when the manager has answered. Rejects with ReporterError if it refuses the parent for good. To wait for
   * it keeps no process alive; `flush` does.
   */
  readonly jobId: Promise<string>;
}

export interface ReporterCounters {
  /** What the manager has taken: children, statuses, progress and seals. */
  readonly sent: number;
  /** What waits to be sent. */
  readonly buffered: number;
  /** What was given up because too much waited; `onLost` was told. */
  readonly lost: number;
  /** What the manager would not take, such as a status after the end. Sending it again would change nothing. */
  readonly refused: number;
  /** Requests that went unanswered, or were answered by a 5xx, 401, 403, 408 or 429, and were sent again. */
  readonly retries: number;
}

/** What was given up of one parent. Say again how these children stand, or count the loss. */
export interface Loss {
  parent: ParentReporter;
  keys: readonly string[];
}

export interface Reporter {
  /** Creates the parent with the first thing that is said of it. The same `idempotencyKey` gives the same object. */
  parent(options: ParentOptions): ParentReporter;
  readonly counters: ReporterCounters;
  /** False while the manager does not take what is sent, from the first failure to the next success. */
  readonly isOnline: boolean;
  /** Calls back when the manager takes what is sent again. Returns how to stop that. */
  onOnline(listener: () => void): () => void;
  /** Calls back with what is lost from now on, soon after; also the option `onLost`. Returns how to stop that. */
  onLost(listener: (loss: Loss) => void): () => void;
  /** True when less than half of what may wait does; false when `timeoutMs` passed before. For who has much to say. */
  hasRoom(timeoutMs: number): Promise<boolean>;
  /** True when everything said so far was taken or refused; false when `timeoutMs` passed before. */
  flush(timeoutMs: number): Promise<boolean>;
  /** `flush`, then nothing is sent any more and what is said is lost. Idempotent. */
  close(timeoutMs: number): Promise<boolean>;
}

export interface ReporterLog {
  warn(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
}

export interface ReporterOptions {
  /** Of the manager, `http://127.0.0.1:4000`. */
  url: string;
  /** Who reports; a function is asked anew after it was refused. */
  token?: string | (() => string | Promise<string>);
  /** Children to add, statuses and progress that may wait, all parents together. Beyond, the oldest progress goes first. */
  maxBuffered?: number;
  /** How long what is said waits for more to be sent with it. */
  flushMs?: number;
  /** Milliseconds that one request may take. */
  requestTimeoutMs?: number;
  log?: ReporterLog;
  fetch?: typeof fetch;
  onLost?: (loss: Loss) => void;
}

/** The manager will never take this parent, because its options are not valid or its key is another job's. */
export class ReporterError extends Error {
  constructor(
    readonly code: 'parent_refused' | 'closed',
    message: string,
  ) {
    super(message);
    this.name = 'ReporterError';
  }
}
