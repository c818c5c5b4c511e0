import { z } from 'zod';
import { parentStatusSchema } from './status.ts';
import { jobIdSchema, timestampSchema } from './subject-token.ts';

const countSchema = z.int();

/**
 * The state of one parent: absolute counts and a version that only rises. REST, WebSocket, SSE, NATS and the
 * terminal all carry this very object. Whoever has seen `version` drops everything that is not newer.
 */
export const parentJobProgressSchema = z.object({
  job_id: jobIdSchema,
  parent_id: jobIdSchema.nullable().describe('The parent that it is nested in; null for none'),
  version: z.int().min(1).describe('Only rises; whoever has seen it drops what is not newer'),
  status: parentStatusSchema.describe('Derived from the counts, `sealed` and the commands given'),
  sealed: z.boolean().describe('No more children come; a parent never ends before'),
  total_children: countSchema.describe('Sum of the six counts below'),
  pending_children: countSchema,
  running_children: countSchema,
  completed_children: countSchema,
  failed_children: countSchema,
  cancelled_children: countSchema,
  skipped_children: countSchema.describe('Kept out by policy, such as robots.txt'),
  progress_text: z.string().describe('Exactly `66 pending, 1 running, 41 completed, 0 failed`'),
  progress_percentage: z.int().min(0).max(100).describe('Rounded down; 100 only when the parent has ended'),
  children_per_second: z.number().describe('Children that ended per second, smoothed over about ten seconds'),
  eta_seconds: z
    .int()
    .nullable()
    .describe('Until the open children have ended at this rate; null when unknown'),
  verified_at: timestampSchema
    .nullable()
    .describe('When the counts were last compared with the rows themselves; null before the first time'),
});
export type ParentJobProgress = z.infer<typeof parentJobProgressSchema>;
