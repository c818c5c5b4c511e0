/**
 * What travels between the gateway and this client, as plain types, so that the published package stands alone. A test
 * holds them equal to the contract's own.
 */
export type ParentStatus = 'pending' | 'running' | 'paused' | 'completed' | 'failed' | 'cancelled';
export type ChildStatus = 'pending' | 'running' | 'completed' | 'failed' | 'cancelled' | 'skipped';

/** The state of one parent: absolute counts and a `version` that only rises. */
export interface ParentJobProgress {
  job_id: string;
  /** The parent that it is nested in; null for none. */
  parent_id: string | null;
  version: number;
  status: ParentStatus;
  /** No more children come; a parent never ends before. */
  sealed: boolean;
  /** Sum of the six counts below. */
  total_children: number;
  pending_children: number;
  running_children: number;
  completed_children: number;
  failed_children: number;
  cancelled_children: number;
  /** Kept out by policy, such as robots.txt. */
  skipped_children: number;
  /** Exactly `66 pending, 1 running, 41 completed, 0 failed`. */
  progress_text: string;
  /** 0 to 100, rounded down; 100 only when the parent has ended. */
  progress_percentage: number;
  children_per_second: number;
  /** Null when unknown. */
  eta_seconds: number | null;
  /** When the counts were last compared with the rows themselves; null before the first time. */
  verified_at: string | null;
}

export interface JobError {
  /** For programs. */
  error_code: string;
  /** For people. */
  user_message: string;
  /** For whoever debugs. */
  technical_detail: string;
}

interface Envelope<Type extends string, Payload> {
  type: Type;
  payload: Payload;
  /** RFC 3339, UTC. */
  timestamp: string;
}

interface JobBase {
  job_id: string;
  parent_id: string | null;
  /** What kind of work this is, `crawl` for one. */
  operation_type: string;
}

interface LifecycleBase extends JobBase {
  /** Given for a child that is a parent itself, with children of its own. */
  is_parent?: true | undefined;
  /** Counts the lifecycle events of one job from 1, without gaps, through all its runs. */
  seq: number;
}

export type ParentJobProgressEvent = Envelope<'parent_job_progress', ParentJobProgress>;

/** How far one job is; ordered by `version`, and the latest one counts. */
export type JobProgressEvent = Envelope<
  'JOB_PROGRESS',
  JobBase & { version: number; progress: number; stage: string; label: string }
>;

/**
 * Ordered by `seq`, and replayed after a reconnect. After the last three nothing of the job follows, unless it is
 * retried: then `JOB_STARTED` begins another run.
 */
export type LifecycleEvent =
  | Envelope<'JOB_STARTED', LifecycleBase>
  | Envelope<'JOB_COMPLETED', LifecycleBase & { result: Record<string, unknown> }>
  | Envelope<'JOB_FAILED', LifecycleBase & { error: JobError }>
  | Envelope<'JOB_CANCELLED', LifecycleBase>;

interface StepDetail {
  /** Whatever else is worth knowing. */
  detail?: Record<string, unknown> | undefined;
}
interface MaybeTimed extends StepDetail {
  /** Milliseconds. */
  duration_ms?: number | undefined;
}

/** What a job says of the steps of its work. */
export type PipelineStep =
  | ({ event: 'pipeline_started' } & StepDetail)
  /** `page_index` counts the pages within the job from 0. */
  | ({ event: 'page_started'; page_index: number } & StepDetail)
  | ({ event: 'page_done'; page_index: number; duration_ms: number; success: boolean } & StepDetail)
  | ({ event: 'extract_done' } & MaybeTimed)
  | ({ event: 'assembly_done' } & MaybeTimed)
  | ({ event: 'pipeline_done'; success: boolean } & MaybeTimed);

/** A step within a job that is watched by its id, as it happens; never replayed. `client.steps` reads the newest 200. */
export type PipelineEvent = Envelope<
  'pipeline_event',
  JobBase & { number: number; at: string; step: PipelineStep }
>;

/** Everything that a watcher hears. */
export type JobEvent = ParentJobProgressEvent | JobProgressEvent | LifecycleEvent | PipelineEvent;

export type RefusalCode = 'job_not_found' | 'too_many_jobs' | 'unavailable';

export interface Identity {
  tenant_id: string;
  user_id: string;
  role: 'user' | 'operator' | 'worker';
}

export type ControlMessage =
  | Envelope<
      'welcome',
      {
        connection_id: string;
        identity: Identity;
        expires_at: string | null;
        heartbeat_ms: number;
        poll_ms: number;
      }
    >
  | Envelope<'authenticated', { expires_at: string | null }>
  | Envelope<'subscribed', { epoch: string; jobs: { job_id: string; recovered: boolean; seq: number }[] }>
  | Envelope<'unsubscribed', { job_ids: string[] }>
  | Envelope<'pong', Record<string, never>>
  | Envelope<'refused', { job_ids: string[]; code: RefusalCode; message: string; retryable: boolean }>
  | Envelope<'reconnect', { after_ms: number }>;

export type ServerMessage = JobEvent | ControlMessage;

export type ClientMessage =
  | { type: 'auth'; payload: { token: string } }
  | { type: 'subscribe'; payload: SubscribeRequest }
  | { type: 'narrow'; payload: { to: 'parents' } }
  | { type: 'unsubscribe'; payload: { job_ids: string[] } }
  | { type: 'ping' };

export interface SubscribeRequest {
  job_ids: string[];
  epoch?: string;
  after_seq?: Record<string, number>;
}

export const SUBPROTOCOL = 'jobs.v1';
/** Jobs that one connection can name. */
export const NAMED_JOBS_MAX = 100;
/** Jobs in one page of the list that a poll of everything reads. */
export const LISTED_JOBS_MAX = 200;
/** A poll may wait this long for news. */
export const LONG_POLL_SECONDS = 25;

/** Whether to come back after a close; after a 44xx the same behaviour would end in the same way. */
export const mayReconnect = (code: number): boolean => code < 4400 || code > 4499;

export const isEnded = (status: ParentStatus | ChildStatus): boolean =>
  status !== 'pending' && status !== 'running' && status !== 'paused';

export const isTerminal = (event: JobEvent): boolean =>
  event.type === 'JOB_COMPLETED' || event.type === 'JOB_FAILED' || event.type === 'JOB_CANCELLED';

/** Of a job that has children of its own, whether or not it is nested in another. */
export const isOfParent = ({ type, payload }: JobEvent): boolean =>
  type === 'parent_job_progress' ||
  payload.parent_id === null ||
  ('is_parent' in payload && !!payload.is_parent);

/** Of a job that has a parent, which those who watch parents alone do not hear of. */
export const hasParent = ({ payload }: JobEvent): boolean => payload.parent_id !== null;

/** Ends a switch over a union: adding a member that nobody handles is a compile error. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected value: ${JSON.stringify(value)}`);
}
