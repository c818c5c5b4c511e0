import { LIMITS, type PipelineEvent } from '@progeny/contract';
import { canSee } from '@progeny/core';
import type { Everything } from './everything.ts';
import { Frame, isProgress, type LineEvent } from './frame.ts';
import type { JobTrack } from './job-track.ts';
import type { NamedWatches } from './named-watches.ts';

export interface Clock {
  now(): number;
  after(delayMs: number, task: () => void): { cancel(): void };
}

const PROGRESS_GAP_MS = 1_000 / LIMITS.progressPerSecond;

/** Sends what was accepted to all who watch its job and may see it, progress of one job no more often than allowed. */
export class Teller {
  constructor(
    private readonly parts: {
      clock: Clock;
      everything: Everything;
      named: NamedWatches;
      /** Progress waits with somebody for a start that has not come. */
      onHeld: (jobId: string) => void;
    },
  ) {}

  /** Progress at once or, when some went out a moment ago, at the end of the gap; a lifecycle event behind it. */
  tell(event: LineEvent, track: JobTrack): void {
    if (!isProgress(event)) {
      this.#flush(track);
      this.#send(event, track);
      return;
    }
    track.pending.set(event.type, event);
    if (track.flushing) return;
    const { clock } = this.parts;
    const restMs = track.sentAtMs + PROGRESS_GAP_MS - clock.now();
    if (restMs <= 0) this.#flush(track);
    else track.flushing = clock.after(restMs, () => this.#flush(track));
  }

  /** A step, to those alone who named its job; false when nobody has. */
  mention(event: PipelineEvent): boolean {
    const live = this.parts.named.liveOf(event.payload.job_id);
    if (live.length === 0) return false;
    const frame = new Frame(event);
    for (const subscription of live) subscription.mention(frame);
    return true;
  }

  #flush(track: JobTrack): void {
    track.flushing?.cancel();
    track.flushing = null;
    if (track.pending.size === 0) return;
    track.sentAtMs = this.parts.clock.now();
    const events = [...track.pending.values()];
    track.pending.clear();
    for (const event of events) this.#send(event, track);
  }

  #send(event: LineEvent, { owner }: JobTrack): void {
    const { everything, named, onHeld } = this.parts;
    const { job_id: jobId, parent_id: parentId } = event.payload;
    const frame = new Frame(event);
    for (const reader of everything.readersOf(owner.tenantId, { isChild: parentId !== null })) {
      if (!canSee(reader.identity, owner)) continue;
      if (isProgress(event)) reader.offer(frame);
      else reader.send(frame);
    }
    let isHeld = false;
    for (const subscription of named.of(jobId)) {
      subscription.deliver(event, frame);
      isHeld ||= subscription.isHolding;
    }
    if (isHeld) onHeld(jobId);
  }
}
