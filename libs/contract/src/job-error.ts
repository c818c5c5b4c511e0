import { z } from 'zod';
import { storableText } from './storable.ts';

/** Why a job failed or was skipped: a stable code for programs, a sentence for people, the rest for whoever debugs. */
export const jobErrorSchema = z.object({
  error_code: z.string().regex(/^[a-z0-9_]{1,64}$/),
  user_message: z.string().max(500).overwrite(storableText),
  technical_detail: z.string().max(4000).default('').overwrite(storableText),
});
export type JobError = z.infer<typeof jobErrorSchema>;
