import { type ClientMessage, type ControlMessage, clientMessageSchema, LIMITS } from '@progeny/contract';
import { assertNever } from '@progeny/core';
import type { JobStore, OwnedProgress } from '@progeny/job-store';
import { isTransient, type Log } from '@progeny/kit';
import type { Hub } from './hub.ts';
import { type Peer, toFrame } from './peer.ts';
import type { Subscription } from './subscription.ts';

/** A client's message, or null for what is not one. */
export function parseClientMessage(text: string): ClientMessage | null {
  try {
    const parsed = clientMessageSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export interface SessionParts {
  hub: Hub;
  store: Pick<JobStore, 'getProgress'>;
  log: Log;
}

/** What a client's messages do, the same whatever carries them. */
export interface Session {
  handle(peer: Peer, message: ClientMessage): Promise<void>;
  /** Subscribes without a gap: register and buffer, read the snapshot, send it, send what is newer, go live. */
  subscribe(peer: Peer, jobIds: readonly string[]): Promise<void>;
}

type Registered = ReadonlyMap<string, Subscription>;
type Refusal = Extract<ControlMessage, { type: 'error' }>['payload'];

/** Those that were not unsubscribed, or subscribed anew, while their snapshot was read. */
const standing = (registered: Registered): string[] =>
  [...registered].filter(([, subscription]) => !subscription.hasEnded).map(([jobId]) => jobId);

export function createSession({ hub, store, log }: SessionParts): Session {
  const subscribe = async (peer: Peer, jobIds: readonly string[]) => {
    const wanted = [...new Set(jobIds)];
    if (new Set([...hub.watchedBy(peer), ...wanted]).size > LIMITS.wsJobsPerConnection) {
      sendControl(peer, 'error', {
        code: 'too_many_jobs',
        message: `a connection watches at most ${LIMITS.wsJobsPerConnection} jobs`,
        job_ids: wanted,
      });
      return;
    }
    const registered = new Map(wanted.map((jobId) => [jobId, hub.subscribe(peer, jobId)]));
    try {
      sendSnapshots(peer, registered, await store.getProgress(wanted));
    } catch (error) {
      if (!isTransient(error)) {
        log.error({ err: error, connection_id: peer.id }, 'snapshots could not be read');
      }
      refuse(peer, standing(registered), {
        code: 'unavailable',
        message: 'the database cannot be reached; subscribe again in a moment',
      });
    }
  };

  const sendSnapshots = (peer: Peer, registered: Registered, found: readonly OwnedProgress[]) => {
    const known = new Map(found.map(({ progress }) => [progress.job_id, progress]));
    const jobIds = standing(registered);
    const subscribed = jobIds.filter((jobId) => known.has(jobId));
    if (subscribed.length > 0) sendControl(peer, 'subscribed', { job_ids: subscribed });
    const unknown = jobIds.filter((jobId) => !known.has(jobId));
    refuse(peer, unknown, { code: 'job_not_found', message: 'there is no such job' });
    const timestamp = new Date().toISOString();
    for (const [jobId, payload] of known) {
      const event = { type: 'parent_job_progress' as const, payload, timestamp };
      registered.get(jobId)?.start(event, toFrame(event));
    }
  };

  const refuse = (peer: Peer, jobIds: string[], fault: Omit<Refusal, 'job_ids'>) => {
    if (jobIds.length === 0) return;
    for (const jobId of jobIds) hub.unsubscribe(peer, jobId);
    sendControl(peer, 'error', { ...fault, job_ids: jobIds });
  };

  return {
    subscribe,
    async handle(peer, message) {
      switch (message.type) {
        case 'subscribe':
          return subscribe(peer, message.payload.job_ids);
        case 'unsubscribe':
          for (const jobId of message.payload.job_ids) hub.unsubscribe(peer, jobId);
          return sendControl(peer, 'unsubscribed', { job_ids: message.payload.job_ids });
        case 'ping':
          return sendControl(peer, 'pong', {});
        default:
          return assertNever(message);
      }
    },
  };
}

/** Answers a client; the fields are those of the message in the contract. */
export function sendControl<Type extends ControlMessage['type']>(
  peer: Peer,
  type: Type,
  payload: Extract<ControlMessage, { type: Type }>['payload'],
): void {
  const message = { type, payload, timestamp: new Date().toISOString() } as ControlMessage;
  peer.send(toFrame(message));
}
