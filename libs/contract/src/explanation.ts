import { z } from 'zod';
import { stopReasonSchema } from './command.ts';
import { jobErrorSchema } from './job-error.ts';
import { parentJobProgressSchema } from './progress.ts';
import { childStatusSchema } from './status.ts';
import { jobIdSchema, timestampSchema } from './subject-token.ts';

/** What keeps a parent from its end, the most telling first. */
export const OPEN_REASONS = [
  'unsealed',
  'cancelling',
  'paused',
  'retrying',
  'lease_expired',
  'children_running',
  'children_pending',
  'changes_unfolded',
  'end_not_folded',
] as const;

export const openReasonSchema = z.object({
  code: z.enum(OPEN_REASONS),
  message: z.string().describe('The same for people'),
});
export type OpenReason = z.infer<typeof openReasonSchema>;

export const openChildSchema = z.object({
  job_id: jobIdSchema,
  key: z.string(),
  is_parent: z.boolean().describe('It waits for children of its own'),
  status: childStatusSchema.extract(['pending', 'running']),
  attempt: z.int(),
  lease_owner: z.string().nullable().describe('The worker that has it; null when none has, or one outside'),
  lease_expires_at: timestampSchema.nullable(),
  available_at: timestampSchema.describe('A pending child is not given out before'),
  updated_at: timestampSchema,
  error: jobErrorSchema.nullable().describe('Of the try before'),
});
export type OpenChild = z.infer<typeof openChildSchema>;

/** Why a parent has not ended: everything that its end waits for. */
export const explanationSchema = z.object({
  job_id: jobIdSchema,
  reasons: z.array(openReasonSchema).describe('Empty when the parent has ended'),
  progress: parentJobProgressSchema.describe('As last folded'),
  folded_at: timestampSchema.describe('When the counts last changed'),
  sealed_at: timestampSchema.nullable(),
  seal_expires_at: timestampSchema
    .nullable()
    .describe(
      'An unsealed parent fails then, if nothing happens before; null when it is sealed or may wait for ever',
    ),
  stopped_at: timestampSchema.nullable().describe('From then on its open children are cancelled'),
  stop_reason: stopReasonSchema.nullable(),
  unfolded_changes: z.object({
    count: z
      .int()
      .describe('Changes of children that the counts do not hold yet; 10,000 stands for more, too'),
    oldest_at: timestampSchema.nullable(),
  }),
  open_children: z
    .array(openChildSchema)
    .describe('Running ones first, the oldest foremost; at most 20 running and 20 pending'),
});
export type Explanation = z.infer<typeof explanationSchema>;

export const explainRequestSchema = z.object({ job_id: jobIdSchema });
