import { assertNever } from '@progeny/core';
import type { LineEvent } from './frame.ts';

/**
 * What has been seen of one job, and so what is news: progress only if its version is higher than any before, a
 * lifecycle event only if its `seq` is.
 */
export class JobLine {
  #version = 0;
  #jobVersion = 0;
  #seq = 0;

  /** Lifecycle events up to this one count as seen. */
  seed(seq: number): void {
    this.#seq = Math.max(this.#seq, seq);
  }

  get seq(): number {
    return this.#seq;
  }

  /** Of the newest progress of a parent. */
  get version(): number {
    return this.#version;
  }

  isNews(event: LineEvent): boolean {
    switch (event.type) {
      case 'parent_job_progress':
        return event.payload.version > this.#version;
      case 'JOB_PROGRESS':
        return event.payload.version > this.#jobVersion;
      case 'JOB_STARTED':
      case 'JOB_COMPLETED':
      case 'JOB_FAILED':
      case 'JOB_CANCELLED':
        return event.payload.seq > this.#seq;
      default:
        return assertNever(event);
    }
  }

  take(event: LineEvent): void {
    if (event.type === 'parent_job_progress') this.#version = Math.max(this.#version, event.payload.version);
    else if (event.type === 'JOB_PROGRESS')
      this.#jobVersion = Math.max(this.#jobVersion, event.payload.version);
    else this.#seq = Math.max(this.#seq, event.payload.seq);
  }
}
