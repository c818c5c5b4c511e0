import { type JobEvent, LIMITS, type LifecycleEvent } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import type { Owner } from '@progeny/job-store';
import { isProgress } from './frame.ts';
import { JobLine } from './job-line.ts';

/**
 * What the gateway knows of one job, whoever watches it. Puts its events into the order that readers rely on:
 * lifecycle events without a gap, and an end after the counts that it ended with.
 */
export class JobTrack {
  readonly line = new JobLine();
  /** Progress that waits for its turn; of each type the newest. */
  readonly pending = new Map<JobEvent['type'], JobEvent>();
  heardAtMs = 0;
  sentAtMs = Number.NEGATIVE_INFINITY;
  endTold = false;
  /** Whether the lifecycle is known from here on, so that a missing event is noticed. */
  #isSeeded = false;
  /** Of the snapshot that it is known from. */
  #seededSeq = 0;
  #isComplete = false;
  #early = new Map<number, LifecycleEvent>();

  constructor(readonly owner: Owner) {}

  /** A snapshot was read; what it holds may be on its way still to those who did not ask for it. */
  seed(seq: number): void {
    if (this.#isSeeded) return;
    this.#isSeeded = true;
    this.#seededSeq = seq;
  }

  /** Of the last lifecycle event that was told; of none yet, of the last that was in a snapshot. */
  get lastSeq(): number {
    return this.line.seq > 0 ? this.line.seq : this.#seededSeq;
  }

  /** Lifecycle events wait for one that is missing, or for the counts that the job ended with. */
  get isWaiting(): boolean {
    return this.#early.size > 0;
  }

  /** Takes an event in; answers those that are to be sent now, in their order. */
  accept(event: JobEvent): JobEvent[] {
    if (!this.line.isNews(event)) return [];
    if (event.type === 'parent_job_progress') {
      this.line.take(event);
      this.#isComplete = isParentEnded(event.payload.status);
      return [event, ...this.#release()];
    }
    if (event.type === 'JOB_PROGRESS') {
      if (this.endTold) return [];
      this.line.take(event);
      return [event];
    }
    this.#early.set(event.payload.seq, event);
    return this.#release();
  }

  #release(): LifecycleEvent[] {
    const released: LifecycleEvent[] = [];
    for (;;) {
      const next = this.#next();
      if (!next || (isEnd(next) && !this.#isComplete)) return released;
      this.#early.delete(next.payload.seq);
      this.#isSeeded = true;
      this.line.take(next);
      this.endTold = isEnd(next);
      released.push(next);
    }
  }

  /** The one whose turn it is. Of an unknown lifecycle, and of one with too many behind its gap, the earliest. */
  #next(): LifecycleEvent | undefined {
    for (const seq of this.#early.keys()) if (seq <= this.line.seq) this.#early.delete(seq);
    const earliest = Math.min(...this.#early.keys());
    const isAnyNext = !this.#isSeeded || this.#early.size > LIMITS.replayedEvents;
    const isInTurn = this.line.seq > 0 ? earliest === this.line.seq + 1 : earliest <= this.#seededSeq + 1;
    return isAnyNext || isInTurn ? this.#early.get(earliest) : undefined;
  }
}

const isEnd = (event: JobEvent): boolean => !isProgress(event) && event.type !== 'JOB_STARTED';
