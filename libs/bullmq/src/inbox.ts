import type { QueueEvent } from './queue-event.ts';

/** Events that wait to be told, oldest first. */
export interface Inbox {
  push(event: QueueEvent): void;
  take(max: number): QueueEvent[];
  readonly isEmpty: boolean;
}

/** More than this wait only while Redis does not answer. */
export const INBOX_MAX = 10_000;

/** Beyond INBOX_MAX the older half is given up. */
export function createInbox(onLost: (count: number) => void): Inbox {
  let events: QueueEvent[] = [];
  return {
    push(event) {
      events.push(event);
      if (events.length <= INBOX_MAX) return;
      const count = events.length >> 1;
      events = events.slice(count);
      onLost(count);
    },
    take: (max) => events.splice(0, max),
    get isEmpty() {
      return events.length === 0;
    },
  };
}
