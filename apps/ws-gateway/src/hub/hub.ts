import { type JobEvent, LIMITS } from '@progeny/contract';
import { canSee } from '@progeny/core';
import type { Owner } from '@progeny/job-store';
import { Frame, isProgress } from './frame.ts';
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
  /** The jobs that the reader has named; none while it watches everything. */
  watchedBy(reader: Reader): Iterable<string>;
  /** A snapshot was read: lifecycle events up to its `seq` are no news. */
  seed(jobId: string, owner: Owner, seq: number): void;
  /**
   * Sends the event to all who watch its job and may see it; false when it is no news. Progress goes out at once, and
   * then at most `LIMITS.progressPerSecond` times a second, the last one always; a lifecycle event when its turn has
   * come, after the newest progress: nothing of a job follows its end.
   */
  deliver(event: JobEvent, owner: Owner): boolean;
  /** Whether somebody who watches the job lacks this event. */
  isNews(event: JobEvent): boolean;
  /** Jobs that somebody watches, or whose end those who watch everything wait for, silent since `sinceMs`. */
  silentSince(sinceMs: number): string[];
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

interface Audience<Member> {
  members: Set<Member>;
  release: () => void;
}

export function createHub({ clock, onWatched, onGap }: HubParts): Hub {
  /** By tenant. */
  const watchesAll = new Map<string, Audience<Reader>>();
  const watches = new Map<Reader, Map<string, Subscription>>();
  const watchers = new Map<string, Audience<Subscription>>();
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
    if (track && !watchers.has(jobId) && !watchesAll.has(track.owner.tenantId)) forget(jobId);
  };

  const enter = <Key, Member>(
    audiences: Map<Key, Audience<Member>>,
    key: Key,
    member: Member,
    onFirst: () => () => void,
  ) => {
    const audience = audiences.get(key) ?? { members: new Set<Member>(), release: onFirst() };
    audiences.set(key, audience);
    audience.members.add(member);
  };

  /** True when the last one has gone. */
  const exit = <Key, Member>(audiences: Map<Key, Audience<Member>>, key: Key, member: Member): boolean => {
    const audience = audiences.get(key);
    if (!audience?.members.delete(member) || audience.members.size > 0) return false;
    audiences.delete(key);
    audience.release();
    return true;
  };

  const leaveAll = (reader: Reader) => {
    const { tenantId } = reader.identity;
    if (watchesAll.get(tenantId)?.members.has(reader)) reader.forgetAll();
    if (!exit(watchesAll, tenantId, reader)) return;
    for (const [jobId, track] of tracks) if (track.owner.tenantId === tenantId) forgetUnwatched(jobId);
  };

  const drop = (subscription: Subscription | undefined) => {
    if (!subscription) return;
    const { jobId, reader } = subscription;
    subscription.end();
    reader.forget(jobId);
    if (exit(watchers, jobId, subscription)) forgetUnwatched(jobId);
  };

  const send = (event: JobEvent, { owner }: JobTrack) => {
    const frame = new Frame(event);
    for (const reader of watchesAll.get(owner.tenantId)?.members ?? []) {
      if (!canSee(reader.identity, owner)) continue;
      if (isProgress(event)) reader.offer(frame);
      else reader.send(frame);
    }
    for (const subscription of watchers.get(event.payload.job_id)?.members ?? []) {
      subscription.deliver(event, frame);
    }
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

  const sendInTurn = (event: JobEvent, track: JobTrack) => {
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
    join(reader) {
      const { tenantId } = reader.identity;
      enter(watchesAll, tenantId, reader, () => onWatched(tenantId, null));
    },
    leave(reader) {
      leaveAll(reader);
      for (const subscription of watches.get(reader)?.values() ?? []) drop(subscription);
      watches.delete(reader);
    },
    subscribe(reader, jobId) {
      const mine = watches.get(reader) ?? new Map<string, Subscription>();
      watches.set(reader, mine);
      const subscription = new Subscription(reader, jobId);
      enter(watchers, jobId, subscription, () => onWatched(reader.identity.tenantId, jobId));
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
    watchedBy: (reader) => watches.get(reader)?.keys() ?? [],
    seed: (jobId, owner, seq) => (tracks.get(jobId) ?? trackOf(jobId, owner)).seed(seq),
    deliver(event, owner) {
      const jobId = event.payload.job_id;
      const track = trackOf(jobId, owner);
      track.heardAtMs = clock.now();
      const inTurn = track.accept(event);
      for (const next of inTurn) sendInTurn(next, track);
      if (track.isWaiting) onGap(jobId);
      return inTurn.length > 0;
    },
    isNews(event) {
      const jobId = event.payload.job_id;
      const track = tracks.get(jobId);
      if (track && track.heardAtMs > 0) return track.line.isNews(event);
      return watchesAll.size > 0 || [...(watchers.get(jobId)?.members ?? [])].some((one) => one.lacks(event));
    },
    silentSince(sinceMs) {
      const silent = [...watchers.keys()].filter((jobId) => (tracks.get(jobId)?.heardAtMs ?? 0) <= sinceMs);
      if (watchesAll.size === 0) return silent;
      const all = new Set(silent);
      for (const [jobId, track] of tracks) {
        // In the order of the last event: whatever follows was heard later.
        if (track.heardAtMs > sinceMs) break;
        if (!track.endTold) all.add(jobId);
      }
      return [...all];
    },
    passed(jobId) {
      const track = tracks.get(jobId);
      return track ? { lastSeq: track.lastSeq, endTold: track.endTold } : null;
    },
    get readers() {
      const readers = new Set(watches.keys());
      for (const { members } of watchesAll.values()) for (const reader of members) readers.add(reader);
      return readers.size;
    },
    get watchedJobs() {
      return watchers.size;
    },
    get tenantsOfAll() {
      return watchesAll.keys();
    },
    close() {
      for (const { cancel } of waiting.values()) cancel();
      waiting.clear();
    },
  };
}
