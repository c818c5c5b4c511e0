import { isOfParent, LIMITS, type LifecycleEvent } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import type { Owner, Snapshot } from '@progeny/job-store';
import { isProgress, type LineEvent, type ProgressEvent } from './frame.ts';
import { JobLine } from './job-line.ts';
import { isEnd } from './snapshot-facts.ts';

/**
 * What the gateway knows of one job, whoever watches it. Puts its events into the order that readers rely on: lifecycle
 * events without a gap, an end after the counts that it ended with, and nothing between an end and the start of the next
 * run. What waits is found by a snapshot that is read, where no event brings it.
 */
export class JobTrack {
  readonly line = new JobLine();
  /** Progress that waits for its turn; of each type the newest. */
  readonly pending = new Map<LineEvent['type'], ProgressEvent>();
  heardAtMs = 0;
  sentAtMs = Number.NEGATIVE_INFINITY;
  /** What is pending goes out when this comes. */
  flushing: { cancel(): void } | null = null;
  /** It has a parent. */
  isChild = false;
  endTold = false;
  /** Whether the lifecycle is known from here on, so that a missing event is noticed. */
  #isSeeded = false;
  /** Of the snapshot that it is known from. */
  #seededSeq = 0;
  /** An end was told: progress waits for the start of the next run. */
  #isResting = false;
  /** The newest counts of this run are those of an end. */
  #isComplete = false;
  /** What the last `JOB_PROGRESS` said. */
  #shown = '';
  #early = new Map<number, LifecycleEvent>();
  readonly #held = new Map<LineEvent['type'], ProgressEvent>();

  constructor(readonly owner: Owner) {}

  /** A snapshot was read; what it holds may be on its way still to those who did not ask for it. */
  seed({ seq, progress }: Snapshot): void {
    this.isChild = progress.parent_id !== null;
    if (this.#isSeeded) return;
    this.#isSeeded = true;
    this.#seededSeq = seq;
  }

  /** Of the last lifecycle event that was told; of none yet, of the last that was in a snapshot and does not wait here. */
  get lastSeq(): number {
    return this.line.seq > 0 ? this.line.seq : Math.min(this.#seededSeq, this.#earliest - 1);
  }

  /** Something waits for an event that is missing, or for the counts that the job ended with. */
  get isWaiting(): boolean {
    return this.#early.size > 0 || this.#held.size > 0;
  }

  /** Takes an event in, with the snapshot if it comes from one; answers those that are to be sent now, in their order. */
  accept(event: LineEvent, read?: Snapshot): LineEvent[] {
    this.isChild = event.payload.parent_id !== null;
    if (read) this.#skipLost(read);
    if (!this.line.isNews(event)) return [];
    if (!isProgress(event)) {
      this.#early.set(event.payload.seq, event);
      return this.#release(read);
    }
    if (!this.#isResting) return this.#take(event, read);
    if (read?.seq === this.lastSeq) return this.#correct(event, read);
    this.#hold(event);
    return [];
  }

  #take(event: ProgressEvent, read: Snapshot | undefined): LineEvent[] {
    const told = this.#tell(event, read);
    if (event.type !== 'parent_job_progress') return told;
    this.#isComplete = isParentEnded(event.payload.status);
    return [...told, ...this.#release(read)];
  }

  #tell(event: ProgressEvent, read: Snapshot | undefined): LineEvent[] {
    this.line.take(event);
    if (event.type === 'parent_job_progress') return [event];
    const { progress, stage, label } = event.payload;
    const shown = `${progress} ${stage} ${label}`;
    // The version of a child rises with changes, too, of which no progress tells.
    if (read && shown === this.#shown) return [];
    this.#shown = shown;
    return [event];
  }

  /** The ledger says that no start follows the end: what waited for one is out of date, and counts were corrected. */
  #correct(event: ProgressEvent, read: Snapshot): LineEvent[] {
    const held = this.#held.get(event.type);
    if (held && held.payload.version <= event.payload.version) this.#held.delete(event.type);
    return event.type === 'parent_job_progress' ? this.#take(event, read) : [];
  }

  #release(read: Snapshot | undefined): LineEvent[] {
    const released: LineEvent[] = [];
    for (;;) {
      const next = this.#next();
      if (!next || !this.#mayGo(next, read)) return released;
      this.#early.delete(next.payload.seq);
      this.#isSeeded = true;
      this.line.take(next);
      this.endTold = isEnd(next);
      released.push(next);
      if (this.endTold) this.#end();
      else released.push(...this.#begin(read));
    }
  }

  #end(): void {
    this.#isResting = true;
  }

  #begin(read: Snapshot | undefined): LineEvent[] {
    if (!this.#isResting) return [];
    this.#isResting = false;
    const held = [...this.#held.values()].filter((event) => this.line.isNews(event));
    this.#held.clear();
    // Counts that came before the start may be those that the last run was corrected to, so no end goes by them.
    this.#isComplete = false;
    return held.flatMap((event) => this.#tell(event, read));
  }

  #hold(event: ProgressEvent): void {
    const held = this.#held.get(event.type);
    if (!held || held.payload.version < event.payload.version) this.#held.set(event.type, event);
  }

  /** The one whose turn it is. Of an unknown lifecycle, and of one with too many behind its gap, the earliest. */
  #next(): LifecycleEvent | undefined {
    for (const seq of this.#early.keys()) if (seq <= this.line.seq) this.#early.delete(seq);
    const earliest = this.#earliest;
    const isAnyNext = !this.#isSeeded || this.#early.size > LIMITS.replayedEvents;
    const isInTurn = this.line.seq > 0 ? earliest === this.line.seq + 1 : earliest <= this.#seededSeq + 1;
    return isAnyNext || isInTurn ? this.#early.get(earliest) : undefined;
  }

  /**
   * The ledger keeps of a child the present run, of a parent the newest events. What is missing from before that cannot
   * be had any more, so it goes on there; a run is told in full or not at all.
   */
  #skipLost(read: Snapshot): void {
    const kept = read.lifecycle[0]?.payload.seq ?? read.seq + 1;
    if (kept <= this.lastSeq + 1) return;
    this.#isSeeded = true;
    this.line.seed(kept - 1);
    for (const seq of this.#early.keys()) if (seq < kept) this.#early.delete(seq);
    this.#end();
  }

  /** Of the lifecycle events that wait; infinite where none does. */
  get #earliest(): number {
    return Math.min(...this.#early.keys());
  }

  /** An end of a parent waits for counts of its run, unless the ledger has newer ones, and these were told. */
  #mayGo(next: LifecycleEvent, read: Snapshot | undefined): boolean {
    if (!isEnd(next) || !isOfParent(next.payload)) return true;
    if (this.#isComplete) return true;
    return read !== undefined && read.seq >= next.payload.seq && this.line.version >= read.progress.version;
  }
}
