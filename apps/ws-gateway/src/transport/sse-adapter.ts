import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { jobIdSchema, LIMITS } from '@progeny/contract';
import { TIMER_MAX_MS } from '@progeny/kit';
import { z } from 'zod';
import { sendControl } from '../session/control.ts';
import { type Door, RefusedError, type Visitor } from './door.ts';
import { refuseRequest } from './refusal.ts';
import { type Serving, welcome } from './serving.ts';
import { SseCursor } from './sse-cursor.ts';
import { SseReader } from './sse-reader.ts';

export interface SseAdapter {
  /**
   * `GET /sse` for everything, `GET /sse?only=parents` for parents alone, or `GET /sse?job_id=…&job_id=…`; and what a
   * browser asks before it.
   */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  readonly size: number;
  /** Tells every client to come back, each at its own moment of the drain time, and ends the streams. */
  drain(drainMs: number): Promise<void>;
}

const jobIdsSchema = z.array(jobIdSchema).max(LIMITS.wsJobsPerConnection);
const onlySchema = z.literal('parents').nullable();

/** The hub's readers on server-sent events: the same envelopes, the type as the event's name. */
export function createSseAdapter(parts: Serving): SseAdapter {
  const { hub, session, door, log, heartbeatMs, now } = parts;
  const open = new Map<ServerResponse, SseReader>();

  // A comment keeps proxies from closing a quiet stream.
  const heartbeat = setInterval(() => {
    for (const response of open.keys()) if (!response.writableEnded) response.write(': alive\n\n');
  }, heartbeatMs);

  const begin = async (request: IncomingMessage, response: ServerResponse, visitor: Visitor) => {
    const { identity, expiresAtMs } = visitor;
    const { searchParams } = new URL(request.url ?? '/', 'http://gateway');
    const jobIds = jobIdsSchema.safeParse([...new Set(searchParams.getAll('job_id'))]);
    const only = onlySchema.safeParse(searchParams.get('only'));
    if (!jobIds.success || !only.success) throw new RefusedError('invalid_request');
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      ...allowOrigin(request),
    });
    const cursor = new SseCursor(jobIds.data);
    const resumed = cursor.resume(lastEventIdOf(request));
    const reader = new SseReader(randomUUID(), identity, response, cursor, parts.onConflated);
    open.set(response, reader);
    const expiry = expiresAtMs === null ? null : endAt(response, expiresAtMs - now());
    response.on('close', () => {
      if (expiry) clearTimeout(expiry);
      open.delete(response);
      hub.leave(reader);
    });
    welcome(reader, visitor, parts);
    if (only.data === 'parents') hub.narrow(reader);
    if (jobIds.data.length > 0) await session.subscribe(reader, jobIds.data, resumed);
  };

  return {
    async handle(request, response) {
      try {
        if (request.method === 'OPTIONS') return await answerPreflight(door, request, response);
        const visitor = await door.identify(request);
        if (!visitor) throw new RefusedError('unauthenticated');
        // That took a while, in which others came in, or the gateway began to stop.
        const refusal = parts.closedTo();
        if (refusal) throw new RefusedError(refusal);
        const release = door.enter(visitor);
        if (!release) throw new RefusedError('too_many_connections');
        if (response.destroyed) return release();
        response.on('close', release);
        await begin(request, response, visitor);
      } catch (error) {
        if (!(error instanceof RefusedError)) log.error({ err: error }, 'a stream failed');
        if (response.headersSent) return void response.destroy();
        const code = error instanceof RefusedError ? error.code : 'internal';
        parts.onRefused(code);
        refuseRequest(response, code, code === 'forbidden_origin' ? {} : allowOrigin(request));
      }
    },
    get size() {
      return open.size;
    },
    async drain(drainMs) {
      clearInterval(heartbeat);
      await Promise.all(
        [...open].map(([response, reader]) => {
          const afterMs = Math.floor(Math.random() * drainMs);
          sendControl(reader, 'reconnect', { after_ms: afterMs });
          if (!response.writableEnded) response.write(`retry: ${afterMs}\n\n`);
          const timer = setTimeout(() => end(response), afterMs);
          return new Promise<void>((resolve) => {
            response.once('close', () => {
              clearTimeout(timer);
              resolve();
            });
          });
        }),
      );
    },
  };
}

/** A stream is not open for longer than a timer can wait. */
const endAt = (response: ServerResponse, restMs: number) =>
  setTimeout(() => end(response), Math.min(Math.max(0, restMs), TIMER_MAX_MS));

/** How long a reader may take to read to the end before it is cut off: one that stands still never does. */
const END_TIMEOUT_MS = 3_000;

function end(response: ServerResponse): void {
  response.end();
  const timer = setTimeout(() => response.destroy(), END_TIMEOUT_MS);
  response.once('close', () => clearTimeout(timer));
}

/** A browser asks first when a page sends a token or an id; what it sends with that is judged when it comes. */
async function answerPreflight(
  door: Door,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  await door.identify(request);
  response
    .writeHead(204, {
      ...allowOrigin(request),
      'access-control-allow-methods': 'GET',
      'access-control-allow-headers': 'authorization, last-event-id',
      'access-control-max-age': '600',
    })
    .end();
}

/** For requests whose origin, if they have one, was found to be allowed. */
function allowOrigin({ headers: { origin } }: IncomingMessage): Record<string, string> {
  if (origin === undefined) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    vary: 'origin',
  };
}

function lastEventIdOf({ headers }: IncomingMessage): string | undefined {
  const id = headers['last-event-id'];
  return Array.isArray(id) ? undefined : id;
}
