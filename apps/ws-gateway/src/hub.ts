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
  /** How many jobs the peer has named; null while it watches everything. */
  watchedBy(peer: Peer): number | null;
  /** Sends the event to all who watch its job; false when it is no news to anybody. */
  deliver(event: JobEvent, nowMs: number): boolean;
  /** Jobs that somebody watches, or that are alive for those who watch everything, silent since `sinceMs`. */
  silentSince(sinceMs: number): string[];
  /** The highest lifecycle `seq` that passed for the job. */
  lastSeq(jobId: string): number;
  readonly peers: number;
  /** Whether any peer watches everything. */
  readonly hasWatchersOfAll: boolean;
}

interface Track {
  line: JobLine;
  heardAtMs: number;
  lastSeq: number;
  ended: boolean;
}

/** Jobs remembered for those who watch everything; beyond this the one heard longest ago is forgotten. */
const TRACKED_JOBS_MAX = 10_000;

export function createHub(): Hub {
  const watchesAll = new Set<Peer>();
  const watches = new Map<Peer, Map<string, Subscription>>();
  const watchers = new Map<string, Set<Subscription>>();
  /** In the order of the last event. */
  const tracks = new Map<string, Track>();

  const trackOf = (jobId: string, nowMs: number): Track => {
    const track = tracks.get(jobId) ?? { line: createJobLine(), heardAtMs: nowMs, lastSeq: 0, ended: false };
    tracks.delete(jobId);
    tracks.set(jobId, track);
    if (tracks.size > TRACKED_JOBS_MAX) {
      for (const oldest of tracks.keys()) {
        tracks.delete(oldest);
        break;
      }
    }
    return track;
  };

  const drop = (jobId: string, subscription: Subscription | undefined) => {
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
    watchedBy: (peer) => (watchesAll.has(peer) ? null : (watches.get(peer)?.size ?? 0)),
    deliver(event, nowMs) {
      const jobId = event.payload.job_id;
      const track = trackOf(jobId, nowMs);
      track.heardAtMs = nowMs;
      if (!track.line.isNews(event)) return false;
      track.line.take(event);
      if (event.type === 'parent_job_progress') track.ended = event.payload.progress_percentage === 100;
      else track.lastSeq = event.payload.seq;
      const frame = toFrame(event);
      for (const peer of watchesAll) peer.send(frame);
      for (const subscription of watchers.get(jobId) ?? []) subscription.deliver(event, frame);
      return true;
    },
    silentSince(sinceMs) {
      const silent = [...watchers.keys()].filter((jobId) => (tracks.get(jobId)?.heardAtMs ?? 0) <= sinceMs);
      if (watchesAll.size === 0) return silent;
      const alive = [...tracks].filter(([, track]) => !track.ended && track.heardAtMs <= sinceMs);
      return [...new Set([...silent, ...alive.map(([jobId]) => jobId)])];
    },
    lastSeq: (jobId) => tracks.get(jobId)?.lastSeq ?? 0,
    get peers() {
      return watchesAll.size + watches.size;
    },
    get hasWatchersOfAll() {
      return watchesAll.size > 0;
    },
  };
}
