import { z } from 'zod';
import { commandSchema } from './command.ts';
import { jobErrorSchema } from './job-error.ts';
import { pipelineStepSchema } from './pipeline.ts';
import { parentJobProgressSchema } from './progress.ts';
import { jobStatusSchema } from './status.ts';
import { jobIdSchema, subjectTokenSchema, timestampSchema } from './subject-token.ts';

/** What every message travels in, on the bus and over the WebSocket. */
export const envelope = <Type extends string, Payload extends z.ZodType>(type: Type, payload: Payload) =>
  z.object({ type: z.literal(type), payload, timestamp: timestampSchema });

const nestedSchema = z
  .literal(true)
  .optional()
  .describe('Given for a child that is a parent itself, with children of its own');

/** Whether the job has children of its own: one without a parent, or one that is nested in another. */
export const isOfParent = ({
  parent_id,
  is_parent,
}: {
  parent_id: string | null;
  is_parent?: true | undefined;
}) => parent_id === null || is_parent === true;

/** One transition that happened. A parent's own with `from` equal to `to` says that it was sealed or given a command. */
export const jobStatusChangeSchema = z.object({
  event_id: jobIdSchema.describe('Names this event'),
  job_id: jobIdSchema,
  parent_id: jobIdSchema.nullable().describe('Null for the change of a parent that is nested in no other'),
  is_parent: nestedSchema,
  tenant_id: subjectTokenSchema,
  user_id: subjectTokenSchema,
  job_type: z.string().describe('`page` for a page of a crawl, else as the parent says'),
  from: jobStatusSchema.nullable().describe('Null when the job is born'),
  to: jobStatusSchema.nullable().describe('Null when it is deleted'),
  attempt: z.int().min(0).describe('Which try, from 1; 0 before the first'),
  run: z.int().min(1).describe('From 1; one more each time that an ended job is retried'),
  starts_run: z.boolean().describe('The work of this run begins with it'),
  version: z.int().min(1).describe('Of the job; rises with each change'),
  url: z.string().optional().describe('Of the page, for a crawl'),
  error: jobErrorSchema.optional().describe('Why it failed or was skipped'),
});
export type JobStatusChange = z.infer<typeof jobStatusChangeSchema>;

const jobBase = z.object({
  job_id: jobIdSchema,
  parent_id: jobIdSchema.nullable(),
  /** What kind of work this is, `crawl` for one. Never called `type`, which names the event. */
  operation_type: z.string(),
});

const lifecycleBase = jobBase.extend({
  is_parent: nestedSchema,
  seq: z
    .int()
    .min(1)
    .describe('Counts the lifecycle events of one job from 1, without gaps, through all its runs'),
});

export const jobStartedEventSchema = envelope('JOB_STARTED', lifecycleBase);
/** Transient: the latest one counts, and none is kept. */
export const jobProgressEventSchema = envelope(
  'JOB_PROGRESS',
  jobBase.extend({
    version: z.int().min(1).describe('Only rises; whoever has seen it drops what is not newer'),
    progress: z.int().min(0).max(100),
    stage: z.string(),
    label: z.string(),
  }),
);
export type JobProgressEvent = z.infer<typeof jobProgressEventSchema>;
export const jobCompletedEventSchema = envelope(
  'JOB_COMPLETED',
  lifecycleBase.extend({ result: z.record(z.string(), z.unknown()) }),
);
export const jobFailedEventSchema = envelope('JOB_FAILED', lifecycleBase.extend({ error: jobErrorSchema }));
export const jobCancelledEventSchema = envelope('JOB_CANCELLED', lifecycleBase);

/** Recorded in the ledger, one after the other, and replayed from there. */
export const lifecycleEventSchema = z.discriminatedUnion('type', [
  jobStartedEventSchema,
  jobCompletedEventSchema,
  jobFailedEventSchema,
  jobCancelledEventSchema,
]);
export type LifecycleEvent = z.infer<typeof lifecycleEventSchema>;

export const jobStatusChangeEventSchema = envelope('job_status_change', jobStatusChangeSchema);
export type JobStatusChangeEvent = z.infer<typeof jobStatusChangeEventSchema>;

export const parentJobProgressEventSchema = envelope('parent_job_progress', parentJobProgressSchema);
export type ParentJobProgressEvent = z.infer<typeof parentJobProgressEventSchema>;

/** One step within a job. Told as it happens, to whoever watches that job by name; the newest 200 can be read again. */
export const pipelineEventSchema = envelope(
  'pipeline_event',
  jobBase.extend({
    number: z.int().min(1).describe('Counts the steps of one job from 1'),
    at: timestampSchema.describe('When it was stored'),
    step: pipelineStepSchema,
  }),
);
export type PipelineEvent = z.infer<typeof pipelineEventSchema>;

/** Somebody gave a command, and it stands in the ledger. Workers that hold children of the job act on it at once. */
export const jobCommandEventSchema = envelope(
  'job_command',
  z.object({
    job_id: jobIdSchema,
    command: commandSchema,
  }),
);
export type JobCommandEvent = z.infer<typeof jobCommandEventSchema>;

/** Everything that travels on the bus: facts, in one union. */
export type ProgenyEvent =
  | JobStatusChangeEvent
  | ParentJobProgressEvent
  | JobProgressEvent
  | LifecycleEvent
  | PipelineEvent
  | JobCommandEvent;
