import type { ChildStatus, JobError, ParentJobProgress, ParentStatus, PipelineStep } from './wire.ts';

/**
 * What the manager says over HTTP, as plain types like those of the gateway. A test holds them equal to the contract's.
 */
interface JobBase {
  job_id: string;
  type: string;
  /** One more each time that the ended job was retried. */
  run: number;
  version: number;
  /** All times are RFC 3339, UTC. */
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  updated_at: string;
}

export interface ParentView extends JobBase {
  /** The parent that it is nested in; null for none. */
  parent_id: string | null;
  /** Names it within that parent. */
  key: string | null;
  name: string;
  status: ParentStatus | ChildStatus;
  /** Why it has failed; null unless it has. */
  error: JobError | null;
  /** The request that created it, with defaults filled in and without its children. */
  spec: Record<string, unknown>;
  progress: ParentJobProgress;
}

export interface ChildView extends JobBase {
  parent_id: string;
  /** Names it within its parent; of a crawled page its URL. */
  key: string;
  /** It has children of its own: what it is as a parent is at its own address; paused is running here. */
  is_parent: boolean;
  status: ChildStatus;
  attempt: number;
  progress_percentage: number;
  progress_stage: string;
  progress_label: string;
  payload: Record<string, unknown>;
  result: Record<string, unknown> | null;
  error: JobError | null;
}

export type JobView = ParentView | ChildView;

/** Whether what was read is a job with children of its own; its `progress` is in it then. */
export const isParentView = (view: JobView): view is ParentView => 'progress' in view;

/** How far a child is. */
export interface ChildProgress {
  job_id: string;
  /** Rises with each change; what is not newer says nothing. */
  version: number;
  status: ChildStatus;
  /** Percent. */
  progress_percentage: number;
  progress_stage: string;
  /** The stage, for people; may be empty. */
  progress_label: string;
}

/** A step within a job, as it is stored. */
export interface StoredStep {
  /** Counts the steps of one job from 1. */
  number: number;
  at: string;
  step: PipelineStep;
}

/** What happened to a child of a parent. */
export interface LogLine {
  /** Counts the lines of one parent from 1; those left out count too. */
  number: number;
  at: string;
  /** `Child 0193a3c5 -> completed. 66 pending, 1 running, 41 completed, 0 failed`. */
  line: string;
}

/** `retry` is for a child that failed or was cancelled, the others for a parent. */
export type Command = 'cancel' | 'pause' | 'resume' | 'retry_failed' | 'retry' | 'delete';

/** Why the manager does not do what it was asked; what each means is in docs/OPERATIONS.md. */
export type ProblemCode =
  | 'invalid_json'
  | 'invalid_request'
  | 'unauthenticated'
  | 'forbidden'
  | 'forbidden_origin'
  | 'job_not_found'
  | 'route_not_found'
  | 'not_a_parent'
  | 'not_a_child'
  | 'key_taken'
  | 'nested_too_deep'
  | 'too_many_children'
  | 'nested_job'
  | 'job_sealed'
  | 'job_ended'
  | 'job_not_ended'
  | 'job_cancelling'
  | 'not_retryable'
  | 'not_running'
  | 'illegal_transition'
  | 'stale_attempt'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'idempotency_key_reused'
  | 'rate_limited'
  | 'too_many_connections'
  | 'internal'
  | 'unavailable'
  | 'restarting'
  | 'full';
