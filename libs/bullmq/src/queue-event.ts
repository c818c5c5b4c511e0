import type { AnyJob } from './bridge.ts';

/** What BullMQ said of one job, at that moment. From a worker it comes with the job. */
export type QueueEvent = { jobId: string; job?: AnyJob; isOwn?: boolean } & (
  | { type: 'added' }
  | { type: 'waiting_children' }
  /** `attempt` is known to the worker alone. */
  | { type: 'active'; attempt?: number }
  | { type: 'progress'; attempt?: number; said: unknown }
  | { type: 'completed'; attempt?: number; result: unknown }
  | { type: 'failed'; attempt?: number; reason: string; stack?: string }
  /** This try failed, and there will be another. */
  | { type: 'retrying'; attempt?: number; reason: string }
  | { type: 'stalled' }
  /** Taken out of the queue before its end. */
  | { type: 'removed' }
);
