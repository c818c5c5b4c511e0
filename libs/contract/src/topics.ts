import { z } from 'zod';
import {
  type JobCommandEvent,
  type JobProgressEvent,
  type JobStatusChangeEvent,
  jobCommandEventSchema,
  jobProgressEventSchema,
  jobStatusChangeEventSchema,
  type LifecycleEvent,
  lifecycleEventSchema,
  type ParentJobProgressEvent,
  type PipelineEvent,
  type ProgenyEvent,
  parentJobProgressEventSchema,
  pipelineEventSchema,
} from './events.ts';
import { subjectTokenSchema } from './subject-token.ts';

/** A topic is the root of its subjects: `nats sub 'parent_job_progress.>'` is all that a debugger has to know. */
export const TOPICS = [
  'job_status_change',
  'parent_job_progress',
  'job_lifecycle',
  'pipeline_event',
  'job_command',
] as const;
export type Topic = (typeof TOPICS)[number];

export interface TopicEvents {
  job_status_change: JobStatusChangeEvent;
  parent_job_progress: ParentJobProgressEvent;
  job_lifecycle: LifecycleEvent | JobProgressEvent;
  pipeline_event: PipelineEvent;
  job_command: JobCommandEvent;
}

export const topicSchemas = {
  job_status_change: jobStatusChangeEventSchema,
  parent_job_progress: parentJobProgressEventSchema,
  job_lifecycle: z.discriminatedUnion('type', [...lifecycleEventSchema.options, jobProgressEventSchema]),
  pipeline_event: pipelineEventSchema,
  job_command: jobCommandEventSchema,
} as const;

export function topicOf(event: ProgenyEvent): Topic {
  switch (event.type) {
    case 'job_status_change':
    case 'parent_job_progress':
    case 'pipeline_event':
    case 'job_command':
      return event.type;
    case 'JOB_STARTED':
    case 'JOB_PROGRESS':
    case 'JOB_COMPLETED':
    case 'JOB_FAILED':
    case 'JOB_CANCELLED':
      return 'job_lifecycle';
  }
}

/** Names the header of every publication that says whose job it is about; the tenant is in the subject. */
export const USER_HEADER = 'user';
/** Names the header that the events of a child carry, with its parent: so that who wants parents alone need not read on. */
export const PARENT_HEADER = 'parent';

export interface Subject {
  topic: Topic;
  tenantId: string;
  /** The job that the message is about; for a child's status change its parent. */
  jobId: string;
}

/** `<topic>.<tenant>.<job>`. Throws a ZodError when the tenant is not a subject token. */
export function subjectOf({ tenantId, event }: { tenantId: string; event: ProgenyEvent }): string {
  const jobId =
    event.type === 'job_status_change'
      ? (event.payload.parent_id ?? event.payload.job_id)
      : event.payload.job_id;
  return `${topicOf(event)}.${subjectTokenSchema.parse(tenantId)}.${subjectTokenSchema.parse(jobId)}`;
}

/** What to subscribe to; a part left out matches all. */
export function subjectFilter({ topic, tenantId, jobId }: Partial<Subject> & { topic: Topic }): string {
  const token = (value: string | undefined) => (value === undefined ? '*' : subjectTokenSchema.parse(value));
  return `${topic}.${token(tenantId)}.${token(jobId)}`;
}

const isToken = (text: string | undefined): text is string => subjectTokenSchema.safeParse(text).success;

/** The parts of a subject, or null for one that is not ours. */
export function parseSubject(subject: string): Subject | null {
  const [topic, tenantId, jobId, ...rest] = subject.split('.');
  const known = TOPICS.find((name) => name === topic);
  if (!known || !isToken(tenantId) || !isToken(jobId) || rest.length > 0) return null;
  return { topic: known, tenantId, jobId };
}
