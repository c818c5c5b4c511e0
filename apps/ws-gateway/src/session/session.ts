import {
  type ClientMessage,
  clientMessageSchema,
  LIMITS,
  type LifecycleEvent,
  type RefusalCode,
} from '@progeny/contract';
import { assertNever, canSee } from '@progeny/core';
import type { Snapshot } from '@progeny/job-store';
import { isTransient, type Log } from '@progeny/kit';
import { Frame } from '../hub/frame.ts';
import type { Hub } from '../hub/hub.ts';
import type { Reader } from '../hub/reader.ts';
import type { Subscription } from '../hub/subscription.ts';
import { sendControl, sendRefusal } from './control.ts';
import type { ReadSnapshot, SnapshotReader } from './snapshot-reader.ts';

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
  readSnapshot: SnapshotReader;
  log: Log;
}

/** What a reader has of earlier connections: lifecycle events by job, of the ledger with this epoch. */
export interface Cursor {
  epoch?: string | undefined;
  after_seq?: Readonly<Record<string, number>> | undefined;
}

/** What a client's messages do once it is known who it is, the same whatever carries them. */
export interface Session {
  handle(reader: Reader, message: Exclude<ClientMessage, { type: 'auth' }>): Promise<void>;
  /**
   * Subscribes without a gap: register and buffer, read the snapshot, check who may see it, send it, replay what was
   * missed, send what is newer, go live.
   */
  subscribe(reader: Reader, jobIds: readonly string[], cursor?: Cursor): Promise<void>;
}

/** Reads of one job until its snapshot is new enough; only a ledger that went back needs more than two. */
const TRIES_MAX = 3;

interface Registered {
  jobId: string;
  subscription: Subscription;
}

export function createSession({ hub, readSnapshot, log }: SessionParts): Session {
  const subscribe = async (reader: Reader, jobIds: readonly string[], cursor: Cursor = {}) => {
    const wanted = [...new Set(jobIds)];
    if (new Set([...hub.watchedBy(reader), ...wanted]).size > LIMITS.wsJobsPerConnection) {
      sendRefusal(reader, 'too_many_jobs', wanted);
      return;
    }
    const registered = wanted.map((jobId) => ({ jobId, subscription: hub.subscribe(reader, jobId) }));
    let waiting: readonly Registered[] = registered;
    try {
      for (let tries = 0; waiting.length > 0 && tries < TRIES_MAX; tries += 1) {
        const { tenantId } = reader.identity;
        const reads = await Promise.all(waiting.map(({ jobId }) => readSnapshot(tenantId, jobId)));
        waiting = begin(reader, waiting, reads, cursor);
      }
    } catch (error) {
      if (!isTransient(error)) {
        log.error({ err: error, connection_id: reader.id }, 'snapshots could not be read');
      }
    }
    refuse(reader, 'unavailable', waiting);
  };

  /** Answers those whose snapshot is too old for what waits behind it: events came in another order than they happened. */
  const begin = (
    reader: Reader,
    registered: readonly Registered[],
    reads: readonly ReadSnapshot[],
    cursor: Cursor,
  ): Registered[] => {
    const refused: Registered[] = [];
    const early: Registered[] = [];
    const starts: { jobId: string; recovered: boolean; seq: number; start: () => void }[] = [];
    for (const [index, { epoch, found }] of reads.entries()) {
      const one = registered[index];
      // Unsubscribed, or subscribed anew, while the snapshot was read.
      if (!one || one.subscription.hasEnded) continue;
      if (!found || !canSee(reader.identity, found.snapshot)) {
        refused.push(one);
        continue;
      }
      const { jobId, subscription } = one;
      const { snapshot, frames } = found;
      const { seq } = snapshot;
      if (!subscription.follows(snapshot)) {
        early.push(one);
        continue;
      }
      hub.seed(snapshot);
      const missed = cursor.epoch === epoch ? missedOf(snapshot, cursor.after_seq?.[jobId]) : null;
      const { state, end } = frames;
      const replay = missed?.length ? missed.map((event) => new Frame(event)) : end ? [end] : [];
      const start = () => subscription.start({ snapshot, state, replay });
      starts.push({ jobId, recovered: missed !== null, seq, start });
    }
    const [read] = reads;
    if (read && starts.length > 0) {
      sendControl(reader, 'subscribed', {
        epoch: read.epoch,
        jobs: starts.map(({ jobId, recovered, seq }) => ({ job_id: jobId, recovered, seq })),
      });
    }
    refuse(reader, 'job_not_found', refused);
    for (const { start } of starts) start();
    return early;
  };

  const refuse = (reader: Reader, code: RefusalCode, registered: readonly Registered[]) => {
    const standing = registered.filter(({ subscription }) => !subscription.hasEnded);
    for (const { jobId } of standing) hub.unsubscribe(reader, jobId);
    if (standing.length > 0) {
      sendRefusal(
        reader,
        code,
        standing.map(({ jobId }) => jobId),
      );
    }
  };

  return {
    subscribe,
    async handle(reader, message) {
      switch (message.type) {
        case 'subscribe':
          return subscribe(reader, message.payload.job_ids, message.payload);
        case 'narrow':
          return hub.narrow(reader);
        case 'unsubscribe':
          for (const jobId of message.payload.job_ids) hub.unsubscribe(reader, jobId);
          return sendControl(reader, 'unsubscribed', { job_ids: message.payload.job_ids });
        case 'ping':
          return sendControl(reader, 'pong', {});
        default:
          return assertNever(message);
      }
    },
  };
}

/** What a reader with this cursor missed; null when that cannot be told in full. */
function missedOf({ seq, lifecycle }: Snapshot, afterSeq: number | undefined): LifecycleEvent[] | null {
  if (afterSeq === undefined || afterSeq > seq) return null;
  const missed = lifecycle.filter(({ payload }) => payload.seq > afterSeq);
  return missed.length === seq - afterSeq ? missed : null;
}
