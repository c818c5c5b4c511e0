import { z } from 'zod';

/** Why a job failed or was skipped: a stable code for programs, a sentence for people, the rest for whoever debugs. */
export const jobErrorSchema = z.object({
  error_code: z.string().min(1).max(64),
  user_message: z.string().max(500),
  technical_detail: z.string().max(4000).default(''),
});
export type JobError = z.infer<typeof jobErrorSchema>;
