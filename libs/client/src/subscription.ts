import { coalesce } from './coalesce.ts';
import type { JobLedger } from './job-ledger.ts';
import type { WatchTarget } from './watches.ts';
import { type ClientMessage, type ControlMessage, NAMED_JOBS_MAX, type SubscribeRequest } from './wire.ts';

/** After the gateway could not read a job's state, ask again this much later. */
export const ASK_AGAIN_MS = 2_000;
/** A page that scrolls through jobs stays below the gateway's limit of messages a second. */
const CHANGE_GAP_MS = 250;

type PayloadOf<Type extends ControlMessage['type']> = Extract<ControlMessage, { type: Type }>['payload'];

export interface Subscription {
  /** A new connection stands: it delivers everything until it is narrowed. */
  renewed(wanted: WatchTarget | null): void;
  /** Turns what the connection delivers into what is wanted. */
  change(): void;
  subscribed(answer: PayloadOf<'subscribed'>): void;
  refused(refusal: PayloadOf<'refused'>): void;
  /** Events of this job are missing: they are asked for. */
  gap(jobId: string): void;
  /** Whether events of named jobs that are missed now are replayed later. */
  readonly replays: boolean;
  lost(): void;
}

export interface SubscriptionOptions {
  ledger: JobLedger;
  wanted: () => WatchTarget | null;
  send: (message: ClientMessage) => void;
  renew: () => void;
}

/**
 * What the present connection delivers. A connection starts with everything, `narrow` leaves it the parents, and
 * `subscribe` the named jobs; the protocol has no way back, so to widen it again a new connection is made.
 */
export function createSubscription({ ledger, wanted, send, renew }: SubscriptionOptions): Subscription {
  let delivered: 'all' | 'parents' | ReadonlySet<string> = 'all';
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Asked for and not answered yet. */
  const asked = new Set<string>();
  const missing = new Set<string>();

  const subscribe = (job_ids: string[]): void => {
    if (job_ids.length === 0) return;
    const payload: SubscribeRequest = { job_ids };
    const known = job_ids.flatMap((jobId) => {
      const seq = ledger.cursor(jobId);
      return seq === undefined || ledger.epoch === undefined ? [] : [[jobId, seq] as const];
    });
    for (const jobId of job_ids) asked.add(jobId);
    if (ledger.epoch !== undefined && known.length > 0) {
      payload.epoch = ledger.epoch;
      payload.after_seq = Object.fromEntries(known);
    }
    send({ type: 'subscribe', payload });
  };

  const apply = (target: WatchTarget): void => {
    if (typeof target === 'string') {
      if (delivered === target) return;
      if (delivered !== 'all') renew();
      else if (target === 'parents') {
        delivered = target;
        send({ type: 'narrow', payload: { to: 'parents' } });
      }
      return;
    }
    const before = typeof delivered === 'string' ? new Set<string>() : delivered;
    if (new Set([...before, ...target]).size > NAMED_JOBS_MAX) {
      renew();
      return;
    }
    delivered = new Set(target);
    // Added before the others leave, so that the connection is never without a job; it may name both for a moment.
    subscribe(target.filter((jobId) => !before.has(jobId) || missing.has(jobId)));
    missing.clear();
    const gone = [...before].filter((jobId) => !target.includes(jobId));
    if (gone.length > 0) send({ type: 'unsubscribe', payload: { job_ids: gone } });
  };
  const changes = coalesce(() => {
    const target = wanted();
    if (target !== null) apply(target);
  }, CHANGE_GAP_MS);

  const lost = (): void => {
    clearTimeout(timer);
    changes.stop();
    asked.clear();
    missing.clear();
    delivered = 'all';
  };

  return {
    renewed(target) {
      lost();
      if (target !== null) apply(target);
    },
    change: changes.request,
    subscribed({ jobs }) {
      for (const { job_id } of jobs) asked.delete(job_id);
    },
    refused({ job_ids, retryable }) {
      for (const jobId of job_ids) asked.delete(jobId);
      if (!retryable) {
        if (typeof delivered !== 'string') {
          delivered = new Set([...delivered].filter((id) => !job_ids.includes(id)));
        }
        return;
      }
      for (const jobId of job_ids) missing.add(jobId);
      clearTimeout(timer);
      timer = setTimeout(changes.request, ASK_AGAIN_MS);
    },
    gap(jobId) {
      if (asked.has(jobId) || missing.has(jobId)) return;
      missing.add(jobId);
      changes.request();
    },
    get replays() {
      return typeof delivered !== 'string';
    },
    lost,
  };
}
