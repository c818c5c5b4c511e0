import type { Identity } from '@progeny/core';
import type { Frame } from './frame.ts';

/** Whoever reads what the hub has to say, whatever carries it. */
export interface Reader {
  readonly id: string;
  readonly identity: Identity;
  /** In order, and never left out. What is still held of the job goes out before. */
  send(frame: Frame): void;
  /** Progress: a reader that is behind gets it later, or a newer one of the same job instead. */
  offer(frame: Frame): void;
  /** What is worth nothing later: a reader that is behind does not get it at all, and is never closed for it. */
  mention(frame: Frame): void;
  /** What is held of this job is no longer wanted. */
  forget(jobId: string): void;
  /** Nothing that is held is wanted any more. */
  forgetAll(): void;
}
