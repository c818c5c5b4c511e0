import { createJobLine, type JobEvent } from './job-line.ts';
import type { Frame, Peer } from './peer.ts';

/**
 * One peer's view of one job, in one of two modes. Buffering, from registration until the snapshot was read: events
 * wait, the newest progress alone. Live: events go out at once. Either way nothing older than what was sent is sent.
 */
export interface Subscription {
  deliver(event: JobEvent, frame: Frame): void;
  /** Sends the snapshot, then whatever newer waited, and goes live. */
  start(snapshot: JobEvent, frame: Frame): void;
}

export function createSubscription(peer: Peer): Subscription {
  const line = createJobLine();
  let waiting: { event: JobEvent; frame: Frame }[] | null = [];

  const send = (event: JobEvent, frame: Frame) => {
    if (!line.isNews(event)) return;
    line.take(event);
    peer.send(frame);
  };

  return {
    deliver(event, frame) {
      if (!waiting) return send(event, frame);
      if (event.type === 'parent_job_progress') {
        waiting = waiting.filter((held) => held.event.type !== 'parent_job_progress');
      }
      waiting.push({ event, frame });
    },
    start(snapshot, frame) {
      send(snapshot, frame);
      const held = waiting ?? [];
      waiting = null;
      for (const entry of held) send(entry.event, entry.frame);
    },
  };
}
