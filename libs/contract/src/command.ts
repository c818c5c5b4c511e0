import { z } from 'zod';

/** What somebody may order. Which of them a job takes in which status is in docs/STATE_MACHINE.md. */
export const COMMANDS = ['cancel', 'pause', 'resume', 'retry_failed', 'retry', 'delete'] as const;
export const commandSchema = z.enum(COMMANDS);
export type Command = z.infer<typeof commandSchema>;

/**
 * When failures end a parent: never (`continue`), at the first (`fail_fast`), or when more have failed than
 * `max_failed`, a number or a share such as `"5%"` of the children that have ended. A share counts from 20 ended
 * children on, each time that one fails, and at the end.
 */
export const failurePolicySchema = z.union([
  z.enum(['continue', 'fail_fast']),
  z.object({
    max_failed: z.union([
      z.int().min(0),
      z
        .string()
        .regex(/^(?:100|\d{1,2}(?:\.\d{1,3})?)%$/)
        .describe('A share, such as `5%`'),
    ]),
  }),
]);
export type FailurePolicy = z.infer<typeof failurePolicySchema>;

/** What ends a parent before its children have: somebody's command, or what it was created with. */
export const STOP_REASONS = ['cancelled', 'too_many_failed', 'deadline_exceeded'] as const;
export const stopReasonSchema = z.enum(STOP_REASONS);
export type StopReason = z.infer<typeof stopReasonSchema>;
