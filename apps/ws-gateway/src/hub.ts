import { isParentEnded } from '@progeny/core';
import { createJobLine, type JobEvent, type JobLine } from './job-line.ts';
import { type Peer, toFrame } from './peer.ts';
import { createSubscription, type Subscription } from './subscription.ts';

/**
 * Who watches what. A peer watches everything until its first subscribe, then the jobs it named. Knows no transport
 * and no time but what it is given.
 */
export interface Hub {
  /** The peer watches everything. */
  join(peer: Peer): void;
  leave(peer: Peer): void;
  /** Registers, buffering until `start`. A job that the peer watches already starts again with a new snapshot. */
  subscribe(peer: Peer, jobId: string): Subscription;
  unsubscribe(peer: Peer, jobId: string): void;
  /** The jobs that the peer has named; none while it watches everything. */
  watchedBy(peer: Peer): Iterable<string>;
  /**
   * Sends the event to all who watch its job; false when it is no news. An end that overtook the counts it ended with
   * waits for them: nothing of a job follows its end.
   */
  deliver(event: JobEvent, nowMs: number): boolean;
  /** Whether somebody who watches the job lacks this event. */
  isNews(event: JobEvent): boolean;
  /** Jobs that somebody watches, or whose end those who watch everything wait for, silent since `sinceMs`. */
  silentSince(sinceMs: number): string[];
  /** What passed for the job so far; null when nothing did. */
  passed(jobId: string): { lastSeq: number; endTold: boolean } | null;
  readonly peers: number;
  /** Whether any peer watches everything. */
  readonly hasWatchersOfAll: boolean;
}

interface Track {
  line: JobLine;
  heardAtMs: number;
  lastSeq: number;
  endTold: boolean;
  /** The counts that it ended with have passed. */
  isComplete: boolean;
  heldEnd: JobEvent | null;
}

/**
 * Jobs remembered, at some 650 bytes each: 33 MB. Beyond this the one heard longest ago is forgotten, ended ones first;
 * what is heard of it again passes as news, and who watches it by name has the versions it was sent.
 */
export const TRACKED_JOBS_MAX = 50_000;

export function createHub(): Hub {
  const watchesAll = new Set<Peer>();
  const watches = new Map<Peer, Map<string, Subscription>>();
  const watchers = new Map<string, Set<Subscription>>();
  /** In the order of the last event. */
  const tracks = new Map<string, Track>();
  /** Those of which the end was told, in the order of their ends. */
  const ended = new Set<string>();

  const trackOf = (jobId: string, nowMs: number): Track => {
    const track = tracks.get(jobId) ?? createTrack();
    track.heardAtMs = nowMs;
    tracks.delete(jobId);
    tracks.set(jobId, track);
    if (tracks.size > TRACKED_JOBS_MAX) forgetOne();
    return track;
  };

  const forgetOne = () => {
    const [oldest] = ended.size > 0 ? ended : tracks.keys();
    if (oldest === undefined) return;
    ended.delete(oldest);
    tracks.delete(oldest);
  };

  const send = (event: JobEvent, track: Track) => {
    track.line.take(event);
    if (event.type === 'parent_job_progress') {
      track.isComplete = isParentEnded(event.payload.status);
    } else {
      track.lastSeq = event.payload.seq;
      track.endTold = ENDS.has(event.type);
      ended.delete(event.payload.job_id);
      if (track.endTold) ended.add(event.payload.job_id);
    }
    const frame = toFrame(event);
    for (const peer of watchesAll) peer.send(frame);
    for (const subscription of watchers.get(event.payload.job_id) ?? []) subscription.deliver(event, frame);
  };

  const drop = (jobId: string, subscription: Subscription | undefined) => {
    subscription?.end();
    const subscriptions = watchers.get(jobId);
    if (!subscription || !subscriptions?.delete(subscription) || subscriptions.size > 0) return;
    watchers.delete(jobId);
  };

  return {
    join(peer) {
      watchesAll.add(peer);
    },
    leave(peer) {
      watchesAll.delete(peer);
      for (const [jobId, subscription] of watches.get(peer) ?? []) drop(jobId, subscription);
      watches.delete(peer);
    },
    subscribe(peer, jobId) {
      watchesAll.delete(peer);
      const mine = watches.get(peer) ?? new Map<string, Subscription>();
      watches.set(peer, mine);
      drop(jobId, mine.get(jobId));
      const subscription = createSubscription(peer);
      mine.set(jobId, subscription);
      watchers.set(jobId, (watchers.get(jobId) ?? new Set()).add(subscription));
      return subscription;
    },
    unsubscribe(peer, jobId) {
      const mine = watches.get(peer);
      drop(jobId, mine?.get(jobId));
      mine?.delete(jobId);
    },
    watchedBy: (peer) => watches.get(peer)?.keys() ?? [],
    deliver(event, nowMs) {
      const jobId = event.payload.job_id;
      const track = trackOf(jobId, nowMs);
      if (!track.line.isNews(event)) return false;
      if (ENDS.has(event.type) && !track.isComplete) {
        track.heldEnd = event;
        return false;
      }
      send(event, track);
      if (track.isComplete && track.heldEnd && track.line.isNews(track.heldEnd)) send(track.heldEnd, track);
      return true;
    },
    isNews(event) {
      const jobId = event.payload.job_id;
      const track = tracks.get(jobId);
      if (track) return track.line.isNews(event);
      return watchesAll.size > 0 || [...(watchers.get(jobId) ?? [])].some((one) => one.lacks(event));
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
    passed: (jobId) => tracks.get(jobId) ?? null,
    get peers() {
      return watchesAll.size + watches.size;
    },
    get hasWatchersOfAll() {
      return watchesAll.size > 0;
    },
  };
}

const createTrack = (): Track => ({
  line: createJobLine(),
  heardAtMs: 0,
  lastSeq: 0,
  endTold: false,
  isComplete: false,
  heldEnd: null,
});

const ENDS: ReadonlySet<JobEvent['type']> = new Set(['JOB_COMPLETED', 'JOB_FAILED', 'JOB_CANCELLED']);
