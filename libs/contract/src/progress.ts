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
  version: z.int().min(1),
  status: parentStatusSchema,
  /** True once no more children come. A parent never ends before. */
  sealed: z.boolean(),
  total_children: countSchema,
  pending_children: countSchema,
  running_children: countSchema,
  completed_children: countSchema,
  failed_children: countSchema,
  cancelled_children: countSchema,
  skipped_children: countSchema,
  /** Exactly `66 pending, 1 running, 41 completed, 0 failed`. */
  progress_text: z.string(),
  /** 0 to 100, rounded down; 100 only when the parent has ended. */
  progress_percentage: z.int().min(0).max(100),
  /** Children that ended per second, smoothed over about ten seconds. */
  children_per_second: z.number(),
  /** Seconds until the open children have ended at the present rate; null while there is none. */
  eta_seconds: z.int().nullable(),
  /** When the counts were last compared with the rows themselves; null before the first time. */
  verified_at: timestampSchema.nullable(),
});
export type ParentJobProgress = z.infer<typeof parentJobProgressSchema>;
