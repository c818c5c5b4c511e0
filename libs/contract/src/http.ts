import { z } from 'zod';
import { crawlLimitsSchema } from './crawl.ts';
import { jobErrorSchema } from './job-error.ts';
import { LIMITS } from './limits.ts';
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

export const createCrawlSchema = z.object({
  type: z.literal('crawl'),
  seeds: z.array(httpUrlSchema).min(1).max(LIMITS.seedsPerCrawl),
  limits: crawlLimitsSchema.default({ max_pages: 1000, max_depth: 20 }),
  name: z.string().max(200).overwrite(storableText).optional(),
});
export const createCustomSchema = z.object({
  type: z.literal('custom'),
  name: z.string().max(200).overwrite(storableText).optional(),
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
export const createJobSchema = z.discriminatedUnion('type', [createCrawlSchema, createCustomSchema]);
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

const jobBase = z.object({
  job_id: jobIdSchema,
  type: z.string(),
  version: z.int(),
  created_at: timestampSchema,
  started_at: timestampSchema.nullable(),
  finished_at: timestampSchema.nullable(),
  updated_at: timestampSchema,
});

export const childViewSchema = jobBase.extend({
  parent_id: jobIdSchema,
  key: z.string(),
  status: childStatusSchema,
  attempt: z.int(),
  payload: z.record(z.string(), z.unknown()),
  result: z.record(z.string(), z.unknown()).nullable(),
  error: jobErrorSchema.nullable(),
});
export type ChildView = z.infer<typeof childViewSchema>;

export const parentViewSchema = jobBase.extend({
  parent_id: z.null(),
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
  status: childStatusSchema,
  progress_percentage: z.int().min(0).max(100),
  progress_stage: z.string(),
});

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
