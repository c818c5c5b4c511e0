import { type ClientMessage, type ControlMessage, clientMessageSchema, LIMITS } from '@progeny/contract';
import { assertNever } from '@progeny/core';
import type { JobStore } from '@progeny/job-store';
import type { Log } from '@progeny/kit';
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

export function createSession({ hub, store, log }: SessionParts): Session {
  const subscribe = async (peer: Peer, jobIds: readonly string[]) => {
    const wanted = [...new Set(jobIds)];
    if ((hub.watchedBy(peer) ?? 0) + wanted.length > LIMITS.wsJobsPerConnection) {
      sendControl(peer, 'error', {
        code: 'too_many_jobs',
        message: `a connection watches at most ${LIMITS.wsJobsPerConnection} jobs`,
        job_ids: wanted,
      });
      return;
    }
    const registered = new Map(wanted.map((jobId) => [jobId, hub.subscribe(peer, jobId)]));
    try {
      await sendSnapshots(peer, registered);
    } catch (error) {
      log.warn({ err: error, connection_id: peer.id }, 'snapshots could not be read');
      for (const jobId of wanted) hub.unsubscribe(peer, jobId);
      sendControl(peer, 'error', {
        code: 'unavailable',
        message: 'the database cannot be reached; subscribe again in a moment',
        job_ids: wanted,
      });
    }
  };

  const sendSnapshots = async (peer: Peer, registered: ReadonlyMap<string, Subscription>) => {
    const found = await store.getProgress([...registered.keys()]);
    const known = new Set(found.map(({ progress }) => progress.job_id));
    const unknown = [...registered.keys()].filter((jobId) => !known.has(jobId));
    for (const jobId of unknown) hub.unsubscribe(peer, jobId);
    if (known.size > 0) sendControl(peer, 'subscribed', { job_ids: [...known] });
    if (unknown.length > 0) {
      sendControl(peer, 'error', {
        code: 'job_not_found',
        message: 'there is no such job',
        job_ids: unknown,
      });
    }
    const timestamp = new Date().toISOString();
    for (const { progress } of found) {
      const event = { type: 'parent_job_progress' as const, payload: progress, timestamp };
      registered.get(progress.job_id)?.start(event, toFrame(event));
    }
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
