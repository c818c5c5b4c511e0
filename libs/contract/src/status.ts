import { z } from 'zod';

/** The six buckets a child can be in. Every child is in exactly one; their sum is `total_children`. */
export const CHILD_STATUSES = ['pending', 'running', 'completed', 'failed', 'cancelled', 'skipped'] as const;
export const childStatusSchema = z.enum(CHILD_STATUSES);
export type ChildStatus = z.infer<typeof childStatusSchema>;

export const PARENT_STATUSES = ['pending', 'running', 'paused', 'completed', 'failed', 'cancelled'] as const;
export const parentStatusSchema = z.enum(PARENT_STATUSES);
export type ParentStatus = z.infer<typeof parentStatusSchema>;

export const jobStatusSchema = z.enum([...CHILD_STATUSES, 'paused']);
export type JobStatus = z.infer<typeof jobStatusSchema>;
