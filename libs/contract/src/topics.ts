import { z } from 'zod';
import {
  type JobCommandEvent,
  type JobProgressEvent,
  type JobStatusChange,
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
import { createPlainCheck, type PlainCheck } from './plain-check.ts';
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

/** By topic: true only of an event that its schema takes and answers as it is; false says nothing. */
export const plainChecks = Object.fromEntries(
  TOPICS.map((topic) => [topic, createPlainCheck(topicSchemas[topic])]),
) as Record<Topic, PlainCheck>;

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

/** Whether the subjects of a topic name the parent of their job, where it has one, behind it. */
const NAMES_PARENT: Readonly<Record<Topic, boolean>> = {
  job_status_change: false,
  parent_job_progress: true,
  job_lifecycle: true,
  pipeline_event: false,
  job_command: false,
};

export interface Subject {
  topic: Topic;
  tenantId: string;
  /** The job that the message is about; of a status change the parent that it wakes. */
  jobId: string;
  /** The parent of that job, on `parent_job_progress` and `job_lifecycle`; not there for a job without one. */
  parentId?: string;
}

/** What to subscribe to; a part left out matches all. */
export interface SubjectFilter extends Partial<Pick<Subject, 'tenantId' | 'jobId'>> {
  topic: Topic;
  /** Only jobs that are children of another, or only those that are not; where subjects name the parent. */
  hasParent?: boolean;
}

/**
 * The one parent that a change is to wake: of a child its parent. A parent's birth and the commands given to it are its
 * own business; what becomes of it is that of the parent that it is nested in, if any.
 */
const wokenBy = ({ job_id, parent_id, is_parent, from, to }: JobStatusChange): string =>
  parent_id === null || (is_parent && (from === null || from === to)) ? job_id : parent_id;

/** `<topic>.<tenant>.<job>`, or `<topic>.<tenant>.<job>.<parent>`. Throws a ZodError for what is not a subject token. */
export function subjectOf({ tenantId, event }: { tenantId: string; event: ProgenyEvent }): string {
  const topic = topicOf(event);
  const jobId = event.type === 'job_status_change' ? wokenBy(event.payload) : event.payload.job_id;
  const subject = `${topic}.${checkedToken(tenantId)}.${checkedToken(jobId)}`;
  const parentId = NAMES_PARENT[topic] && 'parent_id' in event.payload ? event.payload.parent_id : null;
  return parentId === null ? subject : `${subject}.${checkedToken(parentId)}`;
}

/**
 * The subjects to subscribe to; no message is on two of them. Throws a ZodError for what is not a subject token, and a
 * RangeError for `hasParent` on a topic whose subjects do not say it.
 */
export function subjectFilters({ topic, tenantId, jobId, hasParent }: SubjectFilter): string[] {
  const token = (value: string | undefined) => (value === undefined ? '*' : checkedToken(value));
  const ofTenant = `${topic}.${token(tenantId)}`;
  const ofJob = `${ofTenant}.${token(jobId)}`;
  if (!NAMES_PARENT[topic]) {
    if (hasParent !== undefined) throw new RangeError(`the subjects of ${topic} name no parent`);
    return [ofJob];
  }
  if (hasParent !== undefined) return [hasParent ? `${ofJob}.*` : ofJob];
  return jobId === undefined ? [`${ofTenant}.>`] : [ofJob, `${ofJob}.*`];
}

const isToken = createPlainCheck(subjectTokenSchema);
const checkedToken = (text: string): string => (isToken(text) ? text : subjectTokenSchema.parse(text));

/** The parts of a subject, or null for one that is not ours. */
export function parseSubject(subject: string): Subject | null {
  const [name, tenantId, jobId, parentId, ...rest] = subject.split('.');
  if (!isTopic(name) || !isToken(tenantId) || !isToken(jobId) || rest.length > 0) return null;
  const parts = { topic: name, tenantId: tenantId as string, jobId: jobId as string };
  if (parentId === undefined) return parts;
  return NAMES_PARENT[name] && isToken(parentId) ? { ...parts, parentId } : null;
}

const isTopic = (name: string | undefined): name is Topic =>
  name !== undefined && Object.hasOwn(NAMES_PARENT, name);
