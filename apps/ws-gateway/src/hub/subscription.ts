import type { JobEvent } from '@progeny/contract';
import { type Frame, isProgress } from './frame.ts';
import { JobLine } from './job-line.ts';
import type { Reader } from './reader.ts';

/** Where a reader begins with one job. */
export interface Start {
  snapshot: Frame;
  /** Of the last lifecycle event that the snapshot holds. */
  seq: number;
  /** What the reader missed until then. */
  replay: readonly Frame[];
}

/**
 * One reader's view of one job, in one of three modes. Buffering, from registration until the snapshot was read:
 * events wait, the newest progress alone. Live: events go out at once. Ended: nothing goes out any more, a snapshot
 * that was still being read neither. Nothing older than what was sent is ever sent.
 */
export class Subscription {
  #mode: 'buffering' | 'live' | 'ended' = 'buffering';
  readonly #line = new JobLine();
  #waiting: { event: JobEvent; frame: Frame }[] = [];

  constructor(
    readonly reader: Reader,
    readonly jobId: string,
  ) {}

  get hasEnded(): boolean {
    return this.#mode === 'ended';
  }

  deliver(event: JobEvent, frame: Frame): void {
    if (this.#mode === 'live') this.#send(event, frame);
    if (this.#mode !== 'buffering') return;
    if (isProgress(event)) this.#waiting = this.#waiting.filter((held) => held.event.type !== event.type);
    this.#waiting.push({ event, frame });
  }

  /** Whether what waits goes on where a snapshot with this `seq` ends; if not, a newer one is wanted. */
  follows(seq: number): boolean {
    let last = seq;
    for (const { event } of this.#waiting) {
      if (isProgress(event)) continue;
      if (event.payload.seq > last + 1) return false;
      last = Math.max(last, event.payload.seq);
    }
    return true;
  }

  /** Sends the snapshot, then what was missed, then whatever newer waited, and goes live. */
  start({ snapshot, seq, replay }: Start): void {
    if (this.#mode === 'ended') return;
    this.#mode = 'live';
    this.#line.seed(seq);
    this.#line.take(snapshot.message as JobEvent);
    this.reader.send(snapshot);
    for (const frame of replay) this.reader.send(frame);
    for (const { event, frame } of this.#waiting.splice(0)) this.#send(event, frame);
  }

  /** The reader went away, unsubscribed, or subscribed anew. */
  end(): void {
    this.#mode = 'ended';
    this.#waiting = [];
  }

  /** Whether a live reader has not got this event; one that buffers has its snapshot to come. */
  lacks(event: JobEvent): boolean {
    return this.#mode === 'live' && this.#line.isNews(event);
  }

  #send(event: JobEvent, frame: Frame): void {
    if (!this.#line.isNews(event)) return;
    this.#line.take(event);
    if (isProgress(event)) this.reader.offer(frame);
    else this.reader.send(frame);
  }
}
