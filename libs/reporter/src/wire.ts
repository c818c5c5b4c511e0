/**
 * What travels to the manager, as plain types, so that the published package stands alone. A test holds them equal to
 * the contract's own.
 */

/** A status that somebody outside may report. */
export type ReportedStatus = 'running' | 'completed' | 'failed' | 'cancelled' | 'skipped';

export interface JobError {
  /** For programs: `[a-z0-9_]`, at most 64. */
  error_code: string;
  /** For people. */
  user_message: string;
  /** For whoever debugs. */
  technical_detail: string;
}

interface StepDetail {
  /** Whatever else is worth knowing; at most 4 KiB as JSON. */
  detail?: Record<string, unknown> | undefined;
}

/** What a job says of the steps of its work. */
export type PipelineStep =
  | ({ event: 'pipeline_started' } & StepDetail)
  | ({ event: 'page_started'; page_index: number } & StepDetail)
  | ({ event: 'page_done'; page_index: number; duration_ms: number; success: boolean } & StepDetail)
  | ({ event: 'extract_done'; duration_ms?: number | undefined } & StepDetail)
  | ({ event: 'assembly_done'; duration_ms?: number | undefined } & StepDetail)
  | ({ event: 'pipeline_done'; duration_ms?: number | undefined; success: boolean } & StepDetail);

/** When failures end a parent: never, at the first, or beyond a number or a share such as `"5%"`. */
export type FailurePolicy = 'continue' | 'fail_fast' | { max_failed: number | string };

/** The manager's own bounds; a test holds them equal to the contract's. */
export const MANAGER_LIMITS = {
  /** Of a payload or result, as JSON. */
  payloadMaxBytes: 65_536,
  keyMaxBytes: 2_048,
  errorCodeMaxChars: 64,
  userMessageMaxChars: 500,
  technicalDetailMaxChars: 4_000,
  stageMaxChars: 64,
  labelMaxChars: 200,
  nameMaxChars: 200,
  idempotencyKeyMaxChars: 200,
  /** Of one report of progress. */
  stepsMax: 200,
  sealTimeoutMaxSeconds: 604_800,
  listPageMax: 200,
} as const;
