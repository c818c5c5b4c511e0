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
