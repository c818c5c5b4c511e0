import { type JobEvent, LIMITS, type PipelineEvent } from '@progeny/contract';
import { canSee } from '@progeny/core';
import type { Owner, Snapshot } from '@progeny/job-store';
import { Everything } from './everything.ts';
import { Frame, isProgress, type LineEvent } from './frame.ts';
import { JobTrack } from './job-track.ts';
import type { Reader } from './reader.ts';
import { Subscription } from './subscription.ts';

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
  /** Whether somebody who watches everything of this tenant takes children, too. */
  wantsChildren(tenantId: string): boolean;
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
  /** There is no such job any more: nothing is known of it, and nobody watches it. Answers who did. */
  gone(jobId: string): Reader[];
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
  clock: { now(): number; after(delayMs: number, task: () => void): { cancel(): void } };
  /** Called when the first reader comes and, by the answer, when the last one has gone. `null`: all of the tenant. */
  onWatched(tenantId: string, jobId: string | null): () => void;
  /** Lifecycle events of this job came, but not the one before them. */
  onGap(jobId: string): void;
}

/**
 * Jobs remembered, at some 700 bytes each: 35 MB. Beyond this the one heard longest ago is forgotten, ended ones first;
 * what is heard of it again passes as news, and who watches it by name has the versions it was sent.
 */
export const TRACKED_JOBS_MAX = 50_000;

const PROGRESS_GAP_MS = 1_000 / LIMITS.progressPerSecond;

/** What an event says of whose child its job is; null for a parent. */
const parentOf = (event: LineEvent): string | null =>
  event.type === 'parent_job_progress' ? null : event.payload.parent_id;

interface Audience {
  members: Set<Subscription>;
  release: () => void;
}

export function createHub({ clock, onWatched, onGap }: HubParts): Hub {
  const everything = new Everything((tenantId) => onWatched(tenantId, null));
  const watches = new Map<Reader, Map<string, Subscription>>();
  const watchers = new Map<string, Audience>();
  /** In the order of the last event. */
  const tracks = new Map<string, JobTrack>();
  /** Those of which the end was told, in the order of their ends. */
  const ended = new Set<string>();
  const waiting = new Map<string, { cancel(): void }>();

  const trackOf = (jobId: string, owner: Owner): JobTrack => {
    const track = tracks.get(jobId) ?? new JobTrack(owner);
    tracks.delete(jobId);
    tracks.set(jobId, track);
    if (tracks.size > TRACKED_JOBS_MAX) {
      const [oldest] = ended.size > 0 ? ended : tracks.keys();
      if (oldest !== undefined) forget(oldest);
    }
    return track;
  };

  const forget = (jobId: string) => {
    waiting.get(jobId)?.cancel();
    waiting.delete(jobId);
    ended.delete(jobId);
    tracks.delete(jobId);
  };

  /** Whoever comes next begins with a snapshot, so what nobody watches need not be known. */
  const forgetUnwatched = (jobId: string) => {
    const track = tracks.get(jobId);
    if (track && !watchers.has(jobId) && !everything.isWatched(track.owner.tenantId)) forget(jobId);
  };

  const enter = (subscription: Subscription, onFirst: () => () => void) => {
    const { jobId } = subscription;
    const audience = watchers.get(jobId) ?? { members: new Set<Subscription>(), release: onFirst() };
    watchers.set(jobId, audience);
    audience.members.add(subscription);
  };

  /** True when the last one has gone. */
  const exit = (subscription: Subscription): boolean => {
    const { jobId } = subscription;
    const audience = watchers.get(jobId);
    if (!audience?.members.delete(subscription) || audience.members.size > 0) return false;
    watchers.delete(jobId);
    audience.release();
    return true;
  };

  const leaveAll = (reader: Reader) => {
    const { tenantId } = reader.identity;
    if (everything.has(reader)) reader.forgetAll();
    if (!everything.leave(reader)) return;
    for (const [jobId, track] of tracks) if (track.owner.tenantId === tenantId) forgetUnwatched(jobId);
  };

  const drop = (subscription: Subscription | undefined) => {
    if (!subscription) return;
    const { jobId, reader } = subscription;
    subscription.end();
    reader.forget(jobId);
    if (exit(subscription)) forgetUnwatched(jobId);
  };

  const send = (event: LineEvent, { owner }: JobTrack) => {
    const frame = new Frame(event);
    const isChild = parentOf(event) !== null;
    for (const reader of everything.readersOf(owner.tenantId, { isChild })) {
      if (!canSee(reader.identity, owner)) continue;
      if (isProgress(event)) reader.offer(frame);
      else reader.send(frame);
    }
    let isHeld = false;
    for (const subscription of watchers.get(event.payload.job_id)?.members ?? []) {
      subscription.deliver(event, frame);
      isHeld ||= subscription.isHolding;
    }
    if (isHeld) onGap(event.payload.job_id);
  };

  const flush = (jobId: string, track: JobTrack) => {
    waiting.get(jobId)?.cancel();
    waiting.delete(jobId);
    if (track.pending.size === 0) return;
    track.sentAtMs = clock.now();
    const events = [...track.pending.values()];
    track.pending.clear();
    for (const event of events) send(event, track);
  };

  const mention = (event: PipelineEvent): boolean => {
    const live = [...(watchers.get(event.payload.job_id)?.members ?? [])].filter(({ isLive }) => isLive);
    if (live.length === 0) return false;
    const frame = new Frame(event);
    for (const subscription of live) subscription.mention(frame);
    return true;
  };

  const sendInTurn = (event: LineEvent, track: JobTrack) => {
    const jobId = event.payload.job_id;
    if (!isProgress(event)) {
      flush(jobId, track);
      send(event, track);
      ended.delete(jobId);
      if (track.endTold) ended.add(jobId);
      return;
    }
    track.pending.set(event.type, event);
    if (waiting.has(jobId)) return;
    const restMs = track.sentAtMs + PROGRESS_GAP_MS - clock.now();
    if (restMs <= 0) flush(jobId, track);
    else
      waiting.set(
        jobId,
        clock.after(restMs, () => flush(jobId, track)),
      );
  };

  return {
    join: (reader) => everything.join(reader),
    leave(reader) {
      leaveAll(reader);
      for (const subscription of watches.get(reader)?.values() ?? []) drop(subscription);
      watches.delete(reader);
    },
    subscribe(reader, jobId) {
      const mine = watches.get(reader) ?? new Map<string, Subscription>();
      watches.set(reader, mine);
      const subscription = new Subscription(reader, jobId);
      enter(subscription, () => onWatched(reader.identity.tenantId, jobId));
      drop(mine.get(jobId));
      mine.set(jobId, subscription);
      leaveAll(reader);
      return subscription;
    },
    unsubscribe(reader, jobId) {
      const mine = watches.get(reader);
      drop(mine?.get(jobId));
      mine?.delete(jobId);
    },
    narrow: (reader) => everything.narrow(reader),
    wantsChildren: (tenantId) => everything.wantsChildren(tenantId),
    watchedBy: (reader) => watches.get(reader)?.keys() ?? [],
    seed(snapshot) {
      const { job_id } = snapshot.progress;
      (tracks.get(job_id) ?? trackOf(job_id, snapshot)).seed(snapshot);
    },
    deliver(event, owner, read) {
      if (event.type === 'pipeline_event') return mention(event);
      const jobId = event.payload.job_id;
      const track = trackOf(jobId, owner);
      track.heardAtMs = clock.now();
      const inTurn = track.accept(event, read);
      for (const next of inTurn) sendInTurn(next, track);
      if (track.isWaiting) onGap(jobId);
      return inTurn.length > 0;
    },
    confirm(snapshot) {
      const { job_id } = snapshot.progress;
      for (const subscription of watchers.get(job_id)?.members ?? []) subscription.confirm(snapshot);
    },
    isNews(event) {
      const jobId = event.payload.job_id;
      const track = tracks.get(jobId);
      if (track && track.heardAtMs > 0) return track.line.isNews(event);
      return everything.size > 0 || [...(watchers.get(jobId)?.members ?? [])].some((one) => one.lacks(event));
    },
    silentSince(sinceMs, { ended: withEnded } = { ended: false }) {
      const silent = [...watchers.keys()].filter((jobId) => (tracks.get(jobId)?.heardAtMs ?? 0) <= sinceMs);
      if (everything.size === 0) return silent;
      const all = new Set(silent);
      for (const [jobId, track] of tracks) {
        // In the order of the last event: whatever follows was heard later.
        if (track.heardAtMs > sinceMs) break;
        if (withEnded || !track.endTold) all.add(jobId);
      }
      return [...all];
    },
    passed(jobId) {
      const track = tracks.get(jobId);
      return track ? { lastSeq: track.lastSeq, endTold: track.endTold } : null;
    },
    gone(jobId) {
      const live = [...(watchers.get(jobId)?.members ?? [])].filter(({ isLive }) => isLive);
      forget(jobId);
      for (const subscription of live) {
        watches.get(subscription.reader)?.delete(jobId);
        drop(subscription);
      }
      return live.map(({ reader }) => reader);
    },
    get readers() {
      return new Set([...watches.keys(), ...everything.all()]).size;
    },
    get watchedJobs() {
      return watchers.size;
    },
    get tenantsOfAll() {
      return everything.tenants;
    },
    close() {
      for (const { cancel } of waiting.values()) cancel();
      waiting.clear();
    },
  };
}
