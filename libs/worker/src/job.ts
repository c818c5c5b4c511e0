/**
 * What a handler sees of its job, as plain types, so that the published package stands alone. A test holds them equal
 * to the contract's own.
 */
export interface Job {
  readonly id: string;
  readonly parentId: string;
  /** The `child_type` of its parent. */
  readonly kind: string;
  /** Names it within its parent. */
  readonly key: string;
  /** The handler's own copy. */
  readonly payload: Record<string, unknown>;
  /** Which try this is, from 1. */
  readonly attempt: number;
  /** What its parent was created with; frozen, since the jobs of a parent share it. */
  readonly parent: Readonly<Record<string, unknown>>;
  /** Fires when the job is no longer ours to do, with a `JobAborted` as reason. What the handler does then is dropped. */
  readonly signal: AbortSignal;
  /**
   * Says how far it is, in percent. Returns at once and never throws: what is told in a short time is merged, the last
   * value counts, and when it cannot be sent the work goes on without.
   */
  progress(percent: number, stage: string, label?: string): void;
  /** Tells a step of the work for the job's timeline, as `progress` does; the newest 200 are kept. */
  emit(step: PipelineStep): void;
  /**
   * Children that this job leads to, added in the transaction that completes it, and only if it completes. The same
   * key again is the same child. Throws JobFailure `too_many_children` or `invalid_child`, which fails the job unless
   * caught.
   */
  addChildren(children: readonly ChildInput[]): void;
  /** Text that the job read, kept beside its result; what is too long is cut. */
  keepText(text: string): void;
  /** Ends the job as skipped: by throwing, so it must not be caught for good. */
  skip(reason: string | JobError): never;
}

/** Its result is an object of at most 64 KiB as JSON, or nothing. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement gives void.
export type JobResult = object | null | undefined | void;
export type JobHandler = (job: Job) => JobResult | Promise<JobResult>;

export interface ChildInput {
  /** At most 2,048 bytes. */
  key: string;
  /** At most 64 KiB as JSON. */
  payload?: Record<string, unknown>;
}

export interface JobError {
  /** For programs: lower-case letters, digits and `_`. */
  error_code: string;
  /** For people. */
  user_message: string;
  /** For whoever debugs. */
  technical_detail?: string;
}

interface Detail {
  /** Whatever else is worth knowing, at most 4 KiB as JSON. */
  detail?: Record<string, unknown> | undefined;
}

/** Whole milliseconds; `page_index` from 0. */
export type PipelineStep = Detail &
  (
    | { event: 'pipeline_started' }
    | { event: 'page_started'; page_index: number }
    | { event: 'page_done'; page_index: number; duration_ms: number; success: boolean }
    | { event: 'extract_done'; duration_ms?: number | undefined }
    | { event: 'assembly_done'; duration_ms?: number | undefined }
    | { event: 'pipeline_done'; duration_ms?: number | undefined; success: boolean }
  );
