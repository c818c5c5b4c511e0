import { z } from 'zod';
import { jobErrorSchema } from './job-error.ts';
import { parentJobProgressSchema } from './progress.ts';
import { jobStatusSchema } from './status.ts';
import { jobIdSchema, subjectTokenSchema, timestampSchema } from './subject-token.ts';

/** What every message travels in, on the bus and over the WebSocket. */
export const envelope = <Type extends string, Payload extends z.ZodType>(type: Type, payload: Payload) =>
  z.object({ type: z.literal(type), payload, timestamp: timestampSchema });

/** `from` is null when the job is born, `to` is null when it is deleted. */
export const jobStatusChangeSchema = z.object({
  event_id: jobIdSchema,
  job_id: jobIdSchema,
  parent_id: jobIdSchema.nullable(),
  tenant_id: subjectTokenSchema,
  user_id: subjectTokenSchema,
  job_type: z.string(),
  from: jobStatusSchema.nullable(),
  to: jobStatusSchema.nullable(),
  attempt: z.int().min(0),
  version: z.int().min(1),
  url: z.string().optional(),
  error: jobErrorSchema.optional(),
});
export type JobStatusChange = z.infer<typeof jobStatusChangeSchema>;

const lifecycleBase = z.object({
  job_id: jobIdSchema,
  parent_id: jobIdSchema.nullable(),
  /** What kind of work this is, `crawl` for one. Never called `type`, which names the event. */
  operation_type: z.string(),
  /** Counts the lifecycle events of one job from 1, without gaps. */
  seq: z.int().min(1),
});

export const jobStartedEventSchema = envelope('JOB_STARTED', lifecycleBase);
export const jobProgressEventSchema = envelope(
  'JOB_PROGRESS',
  lifecycleBase.extend({ progress: z.int().min(0).max(100), stage: z.string(), label: z.string() }),
);
export const jobCompletedEventSchema = envelope(
  'JOB_COMPLETED',
  lifecycleBase.extend({ result: z.record(z.string(), z.unknown()) }),
);
export const jobFailedEventSchema = envelope('JOB_FAILED', lifecycleBase.extend({ error: jobErrorSchema }));
export const jobCancelledEventSchema = envelope('JOB_CANCELLED', lifecycleBase);

export const lifecycleEventSchema = z.discriminatedUnion('type', [
  jobStartedEventSchema,
  jobProgressEventSchema,
  jobCompletedEventSchema,
  jobFailedEventSchema,
  jobCancelledEventSchema,
]);
export type LifecycleEvent = z.infer<typeof lifecycleEventSchema>;

export const jobStatusChangeEventSchema = envelope('job_status_change', jobStatusChangeSchema);
export type JobStatusChangeEvent = z.infer<typeof jobStatusChangeEventSchema>;

export const parentJobProgressEventSchema = envelope('parent_job_progress', parentJobProgressSchema);
export type ParentJobProgressEvent = z.infer<typeof parentJobProgressEventSchema>;

/** Everything that travels on the bus: facts, in one union. */
export type ProgenyEvent = JobStatusChangeEvent | ParentJobProgressEvent | LifecycleEvent;
