import type { ClientMessage, ControlMessage } from '@progeny/contract';
import { NAMED_JOBS_MAX, type WatchTarget } from './watch-list.ts';

/** After the gateway could not read a job's state, ask again this much later. */
const ASK_AGAIN_MS = 2_000;

type Refusal = Extract<ControlMessage, { type: 'error' }>['payload'];

export interface Subscription {
  /** A new connection stands: it delivers everything until it is narrowed. */
  renewed(wanted: WatchTarget | null): void;
  /** Turns what the connection delivers into what is wanted. */
  change(wanted: WatchTarget): void;
  refused(error: Refusal): void;
  lost(): void;
}

/**
 * What the present connection delivers. A connection starts with everything and `subscribe` narrows it; the protocol
 * has no way back, so to widen it again a new connection is made.
 */
export function createSubscription({
  send,
  renew,
}: {
  send: (message: ClientMessage) => boolean;
  renew: () => void;
}): Subscription {
  let delivered: 'all' | ReadonlySet<string> = 'all';
  let timer: ReturnType<typeof setTimeout> | undefined;

  const name = (type: 'subscribe' | 'unsubscribe', job_ids: string[]): void => {
    if (job_ids.length > 0) send({ type, payload: { job_ids } });
  };
  const change = (wanted: WatchTarget): void => {
    if (wanted === 'all') {
      if (delivered !== 'all') renew();
      return;
    }
    const before = delivered === 'all' ? new Set<string>() : delivered;
    if (new Set([...before, ...wanted]).size > NAMED_JOBS_MAX) {
      renew();
      return;
    }
    delivered = new Set(wanted);
    // Added before the others leave, so that the connection is never without a job; it may name both for a moment.
    name(
      'subscribe',
      wanted.filter((jobId) => !before.has(jobId)),
    );
    name(
      'unsubscribe',
      [...before].filter((jobId) => !wanted.includes(jobId)),
    );
  };
  const lost = (): void => {
    clearTimeout(timer);
    delivered = 'all';
  };
  return {
    renewed: (wanted) => {
      lost();
      if (wanted !== null) change(wanted);
    },
    change,
    refused: ({ code, job_ids }) => {
      if (code !== 'unavailable') return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        const still = delivered;
        if (still !== 'all') {
          name(
            'subscribe',
            job_ids.filter((jobId) => still.has(jobId)),
          );
        }
      }, ASK_AGAIN_MS);
    },
    lost,
  };
}
