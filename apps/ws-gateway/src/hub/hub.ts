import type { JobEvent } from '@progeny/contract';
import { canSee } from '@progeny/core';
import type { Owner, Snapshot } from '@progeny/job-store';
import type { Watched } from '../interest.ts';
import { Everything } from './everything.ts';
import { isProgress, type LineEvent } from './frame.ts';
import { KnownJobs } from './known-jobs.ts';
import { NamedWatches } from './named-watches.ts';
import type { Reader } from './reader.ts';
import type { Subscription } from './subscription.ts';
import { type Clock, Teller } from './teller.ts';

/**
 * Who watches what. A reader watches everything that it may see until its first subscribe, then the jobs it named.
 * Knows no transport, and no time but what it is given.
 */
export interface Hub {
  /** The reader watches everything that it may see. */
  join(reader: Reader): void;
  leave(reader: Reader): void;
  /** Registers, buffering until `start`. A job that the reader watches already starts again with a new snapshot. */
  subscribe(reader: Reader, jobId: string): Subscription;
  unsubscribe(reader: Reader, jobId: string): void;
  /** Of everything the reader takes parents alone. Nothing for one that has named jobs. */
  narrow(reader: Reader): void;
  /** The jobs that the reader has named; none while it watches everything. */
  watchedBy(reader: Reader): Iterable<string>;
  /** A snapshot was read: from here on what is missing is noticed. */
  seed(snapshot: Snapshot): void;
  /**
   * Sends the event to all who watch its job and may see it; false when it is no news. Progress goes out at once, and
   * then at most `LIMITS.progressPerSecond` times a second, the last one always; a lifecycle event when its turn has
   * come, after the newest progress: nothing of a job follows its end but the start of another run. A step goes to those
   * alone who named its job. `read`: the snapshot that the event is from, if it was not heard.
   */
  deliver(event: JobEvent, owner: Owner, read?: Snapshot): boolean;
  /** All that this snapshot says was delivered; nobody waits any longer for a start that there was not. */
  confirm(snapshot: Snapshot): void;
  /** Whether somebody who watches the job lacks this event. */
  isNews(event: LineEvent): boolean;
  /**
   * Jobs that somebody watches, or whose end those who watch everything wait for, silent since `sinceMs`. `ended`: those
   * whose end was told, too, for they may have been retried.
   */
  silentSince(sinceMs: number, options?: { ended: boolean }): string[];
  /**
   * There is no such job any more: nothing is known of it, and nobody watches it. Answers who is to be told: those who
   * did by its name and, as far as its owner is known, those who watch everything and may have seen it.
   */
  gone(jobId: string, owner?: Owner): Reader[];
  /** In which tenants a job is to be looked for: that of its owner or, while that is unknown, of those who named it. */
  tenantsOf(jobId: string): Iterable<string>;
  /** Jobs within others that somebody of the tenant watches by name and that have ended: what is deleted takes such along. */
  endedWithin(tenantId: string): string[];
  /** What passed for the job so far; null when nothing did. */
  passed(jobId: string): { lastSeq: number; endTold: boolean } | null;
  readonly readers: number;
  readonly watchedJobs: number;
  /** The tenants of which somebody watches everything. */
  readonly tenantsOfAll: Iterable<string>;
  /** Ends what waits for its time. */
  close(): void;
}

export interface HubParts {
  clock: Clock;
  /** Called when the first reader comes and, by the answer, when the last one has gone. */
  onWatched(tenantId: string, watched: Watched): () => void;
  /** Lifecycle events of this job came, but not the one before them. */
  onGap(jobId: string): void;
}

export function createHub({ clock, onWatched, onGap }: HubParts): Hub {
  const known = new KnownJobs();
  const everything = new Everything((tenantId, all) => onWatched(tenantId, { all }));
  const named = new NamedWatches(
    (tenantId, jobId) => onWatched(tenantId, { jobId }),
    (jobId) => forgetUnwatched(jobId),
  );
  const teller = new Teller({ clock, everything, named, onHeld: onGap });

  /** Whoever comes next begins with a snapshot, so what nobody watches need not be known. */
  const forgetUnwatched = (jobId: string) => {
    const track = known.get(jobId);
    if (!track || named.has(jobId)) return;
    const { owner, isChild } = track;
    if (everything.readersOf(owner.tenantId, { isChild }).size === 0) known.forget(jobId);
  };

  const forgetUnwatchedOf = (tenantId: string) => {
    for (const [jobId, track] of known.all()) if (track.owner.tenantId === tenantId) forgetUnwatched(jobId);
  };

  const leaveEverything = (reader: Reader) => {
    if (everything.has(reader)) reader.forgetAll();
    if (everything.leave(reader)) forgetUnwatchedOf(reader.identity.tenantId);
  };

  return {
    join: (reader) => everything.join(reader),
    leave(reader) {
      leaveEverything(reader);
      named.leave(reader);
    },
    subscribe(reader, jobId) {
      const subscription = named.add(reader, jobId);
      leaveEverything(reader);
      return subscription;
    },
    unsubscribe: (reader, jobId) => named.remove(reader, jobId),
    narrow(reader) {
      if (everything.narrow(reader)) forgetUnwatchedOf(reader.identity.tenantId);
    },
    watchedBy: (reader) => named.by(reader),
    seed(snapshot) {
      const { job_id } = snapshot.progress;
      (known.get(job_id) ?? known.hear(job_id, snapshot)).seed(snapshot);
    },
    deliver(event, owner, read) {
      if (event.type === 'pipeline_event') return teller.mention(event);
      const jobId = event.payload.job_id;
      const track = known.hear(jobId, owner);
      track.heardAtMs = clock.now();
      const inTurn = track.accept(event, read);
      for (const next of inTurn) {
        teller.tell(next, track);
        if (!isProgress(next)) known.turn(jobId);
      }
      if (track.isWaiting) onGap(jobId);
      return inTurn.length > 0;
    },
    confirm(snapshot) {
      for (const subscription of named.of(snapshot.progress.job_id)) subscription.confirm(snapshot);
    },
    isNews(event) {
      const jobId = event.payload.job_id;
      const track = known.get(jobId);
      if (track && track.heardAtMs > 0) return track.line.isNews(event);
      return everything.size > 0 || [...named.of(jobId)].some((one) => one.lacks(event));
    },
    silentSince(sinceMs, { ended: withEnded } = { ended: false }) {
      const silent = [...named.jobs()].filter((jobId) => (known.get(jobId)?.heardAtMs ?? 0) <= sinceMs);
      if (everything.size === 0) return silent;
      const all = new Set(silent);
      for (const [jobId, track] of known.all()) {
        // In the order of the last event: whatever follows was heard later.
        if (track.heardAtMs > sinceMs) break;
        if (withEnded || !track.endTold) all.add(jobId);
      }
      return [...all];
    },
    passed(jobId) {
      const track = known.get(jobId);
      return track ? { lastSeq: track.lastSeq, endTold: track.endTold } : null;
    },
    gone(jobId, owner = known.get(jobId)?.owner) {
      const isChild = known.get(jobId)?.isChild ?? false;
      const told = new Set<Reader>();
      for (const reader of owner ? everything.readersOf(owner.tenantId, { isChild }) : []) {
        if (owner && canSee(reader.identity, owner)) told.add(reader);
      }
      known.forget(jobId);
      for (const { reader } of named.liveOf(jobId)) {
        told.add(reader);
        named.remove(reader, jobId);
      }
      return [...told];
    },
    tenantsOf(jobId) {
      const owner = known.get(jobId)?.owner;
      if (owner) return [owner.tenantId];
      return new Set([...named.of(jobId)].map(({ reader }) => reader.identity.tenantId));
    },
    endedWithin(tenantId) {
      const hasEnded = ({ reader, isWithin, isResting }: Subscription) =>
        isWithin && isResting && reader.identity.tenantId === tenantId;
      return [...named.jobs()].filter((jobId) => [...named.of(jobId)].some(hasEnded));
    },
    get readers() {
      return new Set([...named.readers(), ...everything.all()]).size;
    },
    get watchedJobs() {
      return named.size;
    },
    get tenantsOfAll() {
      return everything.tenants;
    },
    close: () => known.close(),
  };
}
