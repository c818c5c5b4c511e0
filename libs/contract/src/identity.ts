import { z } from 'zod';
import { subjectTokenSchema } from './subject-token.ts';

/** `user`: sees the own jobs. `operator`: all of the tenant. `worker`: may claim and report any child. */
export const ROLES = ['user', 'operator', 'worker'] as const;
export type Role = (typeof ROLES)[number];

/** Who somebody is, as a message tells it. */
export const identitySchema = z.object({
  tenant_id: subjectTokenSchema,
  user_id: subjectTokenSchema,
  role: z.enum(ROLES),
});
export type WireIdentity = z.infer<typeof identitySchema>;

/** Answer of `POST /v1/tickets`. */
export const ticketSchema = z.object({
  ticket: z.string().describe('Good for one connection'),
  expires_in_seconds: z.int().min(1),
});
export type Ticket = z.infer<typeof ticketSchema>;
