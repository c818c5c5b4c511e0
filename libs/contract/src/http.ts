import { z } from 'zod';
import { failurePolicySchema } from './command.ts';
import { crawlLimitsSchema } from './crawl.ts';
import { jobErrorSchema } from './job-error.ts';
import { LIMITS } from './limits.ts';
import { pipelineStepSchema } from './pipeline.ts';
import { parentJobProgressSchema } from './progress.ts';
import { childStatusSchema, jobStatusSchema } from './status.ts';
import { storableJson, storableText } from './storable.ts';
import { jobIdSchema, timestampSchema } from './subject-token.ts';

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

const jsonObjectSchema = z
  .record(z.string(), z.unknown())
  .refine((value) => bytesOf(JSON.stringify(value)) <= LIMITS.payloadMaxBytes, {
    message: `must not be larger than ${LIMITS.payloadMaxBytes} bytes as JSON`,
  })
  .overwrite(storableJson);

const httpUrlSchema = z
  .url({ protocol: /^https?$/, error: 'must be an absolute http or https URL' })
  .max(LIMITS.childKeyMaxBytes)
  // Written out it becomes a child's key; percent encoding makes up to nine bytes of a character.
  .refine((url) => !URL.canParse(url) || new URL(url).href.length <= LIMITS.childKeyMaxBytes, {
    message: `must not be longer than ${LIMITS.childKeyMaxBytes} bytes, percent-encoded`,
  });

export const childInputSchema = z.object({
  /** Names the child within its parent: the same key again is the same child. */
  key: z
    .string()
    .min(1)
    .refine((key) => bytesOf(key) <= LIMITS.childKeyMaxBytes, {
      message: `must not be longer than ${LIMITS.childKeyMaxBytes} bytes in UTF-8`,
    })
    .overwrite(storableText),
  payload: jsonObjectSchema.default({}),
});
export type ChildInput = z.infer<typeof childInputSchema>;

/** What every parent may be created with. */
const parentOptions = {
  parent_id: jobIdSchema
    .optional()
    .describe('An unsealed parent that it becomes a child of, and counts upwards into'),
  key: childInputSchema.shape.key
    .optional()
    .describe('Names it within `parent_id`: the same key again is the same job. Left out, its own id'),
  name: z.string().max(200).overwrite(storableText).optional(),
  priority: z
    .int()
    .min(-100)
    .max(100)
    .default(0)
    .describe('Children of a higher one are given out first; among equals the parents take turns'),
  failure_policy: failurePolicySchema.default('continue').describe('When failures end the job'),
  deadline_seconds: z
    .int()
    .min(1)
    .max(LIMITS.deadlineMaxSeconds)
    .optional()
    .describe('From its creation; then it fails with `deadline_exceeded`, and what is open is cancelled'),
  child_timeout_seconds: z
    .int()
    .min(1)
    .max(LIMITS.childTimeoutMaxSeconds)
    .optional()
    .describe('Of one try of a child; then it is tried again, or fails with `timed_out`'),
};

export const createCrawlSchema = z.object({
  type: z.literal('crawl'),
  seeds: z.array(httpUrlSchema).min(1).max(LIMITS.seedsPerCrawl),
  limits: crawlLimitsSchema.default({ max_pages: 1000, max_depth: 20 }),
  ...parentOptions,
});
export const createCustomSchema = z.object({
  type: z.literal('custom'),
  ...parentOptions,
  /** The job type that workers claim the children by. */
  child_type: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,39}$/)
    .refine((value) => value !== 'page', { message: 'is kept for crawls' })
    .default('task'),
  children: z.array(childInputSchema).max(LIMITS.childrenPerRequest).default([]),
  /** True when the children given here are all there will be. */
  sealed: z.boolean().default(false),
  /**
   * Unsealed, with no open child and no change for this long, the job fails with `seal_timeout`. Left out: as the
   * manager is set.
   */
  seal_timeout_seconds: z.int().min(1).max(LIMITS.sealTimeoutMaxSeconds).optional(),
});
export const createJobSchema = z
  .discriminatedUnion('type', [createCrawlSchema, createCustomSchema])
  .refine(({ parent_id, key }) => key === undefined || parent_id !== undefined, {
    path: ['key'],
    message: 'needs a parent_id',
  });
export type CreateJob = z.infer<typeof createJobSchema>;

export const addChildrenSchema = z.object({
  children: z.array(childInputSchema).min(1).max(LIMITS.childrenPerRequest),
});
/** One entry for each child given, in the order given. */
export const addChildrenResponseSchema = z.object({
  children: z.array(z.object({ job_id: jobIdSchema, key: z.string(), created: z.boolean() })),
});
export type AddedChild = z.infer<typeof addChildrenResponseSchema>['children'][number];

/** A status that somebody outside may report; `pending` is the system's own to give. */
export const reportedStatusSchema = childStatusSchema.exclude(['pending']);
export type ReportedStatus = z.infer<typeof reportedStatusSchema>;

export const statusReportSchema = z.object({
  status: reportedStatusSchema,
  /** Which try this is about. A report of an older try than the present one changes nothing. */
  attempt: z.int().min(1),
  error: jobErrorSchema.optional(),
  result: jsonObjectSchema.optional(),
});
export const bulkStatusReportSchema = z.object({
  reports: z
    .array(statusReportSchema.extend({ job_id: jobIdSchema }))
    .min(1)
    .max(LIMITS.statusReportsPerRequest),
});

/** What became of a report. Only `applied` and `retrying` changed anything. */
export const reportOutcomeSchema = z.enum([
  'applied',
  'retrying',
  'duplicate',
  'stale_attempt',
  'illegal_transition',
  'unknown_job',
]);
export type ReportOutcome = z.infer<typeof reportOutcomeSchema>;

export const reportAnswerSchema = z.object({
  job_id: jobIdSchema,
  outcome: reportOutcomeSchema,
  /** The child as it stands now; null for an unknown job. */
  status: childStatusSchema.nullable(),
  attempt: z.int().nullable(),
});
export type ReportAnswer = z.infer<typeof reportAnswerSchema>;
export const bulkReportAnswerSchema = z.object({ reports: z.array(reportAnswerSchema) });

export const progressReportSchema = z
  .object({
    attempt: z
      .int()
      .min(0)
      .optional()
      .describe('A report of an older try changes nothing; left out, of the present one'),
    progress: z.int().min(0).max(100).optional().describe('Percent'),
    stage: z.string().min(1).max(64).overwrite(storableText).optional(),
    label: z.string().max(200).overwrite(storableText).optional().describe('The stage, for people'),
    events: z.array(pipelineStepSchema).max(LIMITS.pipelineEventsKept).default([]),
  })
  .refine(
    ({ progress, stage, events }) => progress !== undefined || stage !== undefined || events.length > 0,
    {
      message: 'needs progress, a stage or events',
    },
  );
export type ProgressReport = z.infer<typeof progressReportSchema>;

/** Why a report of progress changed nothing, if it did not. */
export const progressOutcomeSchema = z.enum(['applied', 'not_running', 'stale_attempt', 'unknown_job']);
export type ProgressOutcome = z.infer<typeof progressOutcomeSchema>;

/** Pipeline events of one job, the newest `LIMITS.pipelineEventsKept`, oldest first. */
export const pipelineEventListSchema = z.object({
  events: z.array(z.object({ number: z.int(), at: timestampSchema, step: pipelineStepSchema })),
});
export type PipelineEventList = z.infer<typeof pipelineEventListSchema>;

/** What happened to the children of a parent, a line each; the newest `LIMITS.logLinesKept`, oldest first. */
export const jobLogSchema = z.object({
  lines: z.array(
    z.object({
      number: z.int().describe('Counts the lines of one parent from 1; those left out count too'),
      at: timestampSchema,
      line: z
        .string()
        .describe('`Child 0193a3c5 -> completed. 66 pending, 1 running, 41 completed, 0 failed`'),
    }),
  ),
});
export type JobLog = z.infer<typeof jobLogSchema>;

const jobBase = z.object({
  job_id: jobIdSchema,
  type: z.string(),
  run: z.int().min(1).describe('One more each time that the ended job was retried'),
  version: z.int(),
  created_at: timestampSchema,
  started_at: timestampSchema.nullable(),
  finished_at: timestampSchema.nullable(),
  updated_at: timestampSchema,
});

export const childViewSchema = jobBase.extend({
  parent_id: jobIdSchema,
  key: z.string(),
  is_parent: z
    .boolean()
    .describe(
      'It has children of its own: what it is as a parent is at its own address; paused is running here',
    ),
  status: childStatusSchema,
  attempt: z.int(),
  progress_percentage: z.int().min(0).max(100),
  progress_stage: z.string(),
  progress_label: z.string(),
  payload: z.record(z.string(), z.unknown()),
  result: z.record(z.string(), z.unknown()).nullable(),
  error: jobErrorSchema.nullable(),
});
export type ChildView = z.infer<typeof childViewSchema>;

export const parentViewSchema = jobBase.extend({
  parent_id: jobIdSchema.nullable().describe('The parent that it is nested in; null for none'),
  key: z.string().nullable().describe('Names it within that parent'),
  name: z.string(),
  status: jobStatusSchema,
  /** Why it has failed; null unless it has. */
  error: jobErrorSchema.nullable(),
  /** The request that created the job, with defaults filled in and without its children. */
  spec: z.record(z.string(), z.unknown()),
  progress: parentJobProgressSchema,
});
export type ParentView = z.infer<typeof parentViewSchema>;

export const jobViewSchema = z.union([parentViewSchema, childViewSchema]);
export type JobView = z.infer<typeof jobViewSchema>;

export const childProgressSchema = z.object({
  job_id: jobIdSchema,
  version: z.int(),
  status: childStatusSchema,
  progress_percentage: z.int().min(0).max(100),
  progress_stage: z.string(),
  progress_label: z.string(),
});
export type ChildProgress = z.infer<typeof childProgressSchema>;

const pageQuery = {
  limit: z.coerce.number().int().min(1).max(LIMITS.listPageMax).default(LIMITS.listPageDefault),
  /** `next_cursor` of the page before. */
  cursor: jobIdSchema.optional(),
};
export const listJobsQuerySchema = z.object({ ...pageQuery, status: jobStatusSchema.optional() });
export const listChildrenQuerySchema = z.object({ ...pageQuery, status: childStatusSchema.optional() });

/** Newest first. `next_cursor` is null on the last page. */
export const jobListSchema = z.object({
  jobs: z.array(parentViewSchema),
  next_cursor: jobIdSchema.nullable(),
});
export type JobList = z.infer<typeof jobListSchema>;
/** Oldest first. */
export const childListSchema = z.object({
  children: z.array(childViewSchema),
  next_cursor: jobIdSchema.nullable(),
});
export type ChildList = z.infer<typeof childListSchema>;

/** What the page has to know before it can open its socket. */
export const pageConfigSchema = z.object({ gateway_url: z.string(), demo_url: z.string().nullable() });
export type PageConfig = z.infer<typeof pageConfigSchema>;
