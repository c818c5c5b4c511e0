import { createJobLine, type JobEvent } from './job-line.ts';
import type { Frame, Peer } from './peer.ts';

/**
 * One peer's view of one job, in one of three modes. Buffering, from registration until the snapshot was read: events
 * wait, the newest progress alone. Live: events go out at once. Ended: nothing goes out any more, a snapshot that was
 * still being read neither. Nothing older than what was sent is ever sent.
 */
export interface Subscription {
  deliver(event: JobEvent, frame: Frame): void;
  /** Sends the snapshot, then whatever newer waited, and goes live. */
  start(snapshot: JobEvent, frame: Frame): void;
  /** The peer went away, unsubscribed, or subscribed anew. */
  end(): void;
  readonly hasEnded: boolean;
  /** Whether a live peer has not got this event; one that buffers has its snapshot to come. */
  lacks(event: JobEvent): boolean;
}

export function createSubscription(peer: Peer): Subscription {
  const line = createJobLine();
  let mode: 'buffering' | 'live' | 'ended' = 'buffering';
  let waiting: { event: JobEvent; frame: Frame }[] = [];

  const send = (event: JobEvent, frame: Frame) => {
    if (!line.isNews(event)) return;
    line.take(event);
    peer.send(frame);
  };

  return {
    deliver(event, frame) {
      if (mode === 'live') return send(event, frame);
      if (mode === 'ended') return;
      if (event.type === 'parent_job_progress') {
        waiting = waiting.filter((held) => held.event.type !== 'parent_job_progress');
      }
      waiting.push({ event, frame });
    },
    start(snapshot, frame) {
      if (mode === 'ended') return;
      mode = 'live';
      send(snapshot, frame);
      for (const held of waiting.splice(0)) send(held.event, held.frame);
    },
    end() {
      mode = 'ended';
      waiting = [];
    },
    get hasEnded() {
      return mode === 'ended';
    },
    lacks: (event) => mode === 'live' && line.isNews(event),
  };
}
