import type { Snapshot } from '@progeny/job-store';
import { type Frame, isProgress, type LineEvent, type ProgressEvent } from './frame.ts';
import { JobLine } from './job-line.ts';
import type { Reader } from './reader.ts';
import { isEnd, restsAt } from './snapshot-facts.ts';

/** Where a reader begins with one job. */
export interface Start {
  snapshot: Snapshot;
  /** It as it is sent. */
  state: Frame;
  /** What the reader missed until then; of a child that has ended at least its end, which belongs to the snapshot. */
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
  #waiting: { event: LineEvent; frame: Frame }[] = [];
  /** The job did not run when the snapshot of this `seq` was read: newer progress waits for a start after it. */
  #restSeq: number | null = null;
  #isWithin = false;
  #isResting = false;
  readonly #held = new Map<LineEvent['type'], { event: ProgressEvent; frame: Frame }>();

  constructor(
    readonly reader: Reader,
    readonly jobId: string,
  ) {}

  get hasEnded(): boolean {
    return this.#mode === 'ended';
  }

  get isLive(): boolean {
    return this.#mode === 'live';
  }

  /** The job has a parent. False until its snapshot was read. */
  get isWithin(): boolean {
    return this.#isWithin;
  }

  /** Of what was sent it has ended, or has not begun. */
  get isResting(): boolean {
    return this.#isResting;
  }

  deliver(event: LineEvent, frame: Frame): void {
    if (this.#mode === 'live') this.#send(event, frame);
    if (this.#mode !== 'buffering') return;
    if (isProgress(event)) this.#forgetOlder(event.type);
    this.#waiting.push({ event, frame });
  }

  /** A step is told as it happens; one from before the snapshot is in what can be read by now. */
  mention(frame: Frame): void {
    if (this.#mode === 'live') this.reader.mention(frame);
  }

  /** Of progress the newest waits, and that which an end came with. */
  #forgetOlder(type: LineEvent['type']): void {
    const end = this.#waiting.findLastIndex(({ event }) => !isProgress(event) && isEnd(event));
    this.#waiting = this.#waiting.filter((held, index) => index < end || held.event.type !== type);
  }

  /** Whether what waits goes on where a snapshot with this `seq` ends; if not, a newer one is wanted. */
  follows({ seq }: Pick<Snapshot, 'seq'>): boolean {
    let last = seq;
    for (const { event } of this.#waiting) {
      if (isProgress(event)) continue;
      if (event.payload.seq > last + 1) return false;
      last = Math.max(last, event.payload.seq);
    }
    return true;
  }

  /** Sends the snapshot, then what was missed, then whatever newer waited, and goes live. */
  start({ snapshot, state, replay }: Start): void {
    if (this.#mode === 'ended') return;
    this.#mode = 'live';
    this.#line.seed(snapshot.seq);
    this.#line.take(state.message as LineEvent);
    this.#isWithin = snapshot.progress.parent_id !== null;
    this.#isResting = restsAt(snapshot);
    if (this.#isResting) this.#restSeq = snapshot.seq;
    this.reader.send(state);
    for (const frame of replay) this.reader.send(frame);
    for (const { event, frame } of this.#waiting.splice(0)) this.#send(event, frame);
  }

  /** Progress waits for a start that has not come. */
  get isHolding(): boolean {
    return this.#held.size > 0;
  }

  /** The ledger says that no start has followed: what waits for one is out of date, or counts that were corrected. */
  confirm({ seq, kind, progress }: Snapshot): void {
    if (seq !== this.#restSeq) return;
    for (const [type, { event, frame }] of this.#held) {
      if (event.payload.version > progress.version) continue;
      this.#held.delete(type);
      if (kind === 'child' || !this.#line.isNews(event)) continue;
      this.#line.take(event);
      this.reader.offer(frame);
    }
  }

  /** The reader went away, unsubscribed, or subscribed anew. */
  end(): void {
    this.#mode = 'ended';
    this.#waiting = [];
    this.#held.clear();
  }

  /** Whether a live reader has not got this event; one that buffers has its snapshot to come. */
  lacks(event: LineEvent): boolean {
    return this.#mode === 'live' && this.#line.isNews(event);
  }

  #send(event: LineEvent, frame: Frame): void {
    if (!this.#line.isNews(event)) return;
    if (!isProgress(event)) {
      this.#line.take(event);
      this.reader.send(frame);
      this.#isResting = isEnd(event);
      if (!this.#isResting) this.#begin();
    } else if (this.#restSeq !== null) {
      this.#held.set(event.type, { event, frame });
    } else {
      this.#line.take(event);
      this.reader.offer(frame);
    }
  }

  #begin(): void {
    this.#restSeq = null;
    const held = [...this.#held.values()];
    this.#held.clear();
    for (const { event, frame } of held) this.#send(event, frame);
  }
}
