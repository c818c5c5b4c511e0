import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { jobIdSchema, LIMITS } from '@progeny/contract';
import { z } from 'zod';
import type { Hub } from './hub.ts';
import type { Peer } from './peer.ts';
import { type Session, sendControl } from './session.ts';

export interface SseAdapterParts {
  hub: Hub;
  session: Session;
  heartbeatMs: number;
  pollMs: number;
}

export interface SseAdapter {
  /** `GET /sse`, for everything, or `GET /sse?job_id=…&job_id=…`. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  stop(): void;
}

const jobIdsSchema = z.array(jobIdSchema).max(LIMITS.wsJobsPerConnection);

/** The hub's peers on server-sent events: the same envelopes, the type as the event's name. */
export function createSseAdapter({ hub, session, heartbeatMs, pollMs }: SseAdapterParts): SseAdapter {
  const open = new Set<ServerResponse>();

  // A comment keeps proxies from closing a quiet stream.
  const heartbeat = setInterval(() => {
    for (const response of open) response.write(': alive\n\n');
  }, heartbeatMs);

  return {
    async handle(request, response) {
      const { searchParams } = new URL(request.url ?? '/', 'http://gateway');
      const jobIds = jobIdsSchema.safeParse(searchParams.getAll('job_id'));
      if (!jobIds.success) {
        response
          .writeHead(400, { 'content-type': 'text/plain' })
          .end(`job_id must be the id of a job, at most ${LIMITS.wsJobsPerConnection} times\n`);
        return;
      }
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'access-control-allow-origin': '*',
      });
      const peer = createPeer(response);
      open.add(response);
      response.on('close', () => {
        open.delete(response);
        hub.leave(peer);
      });
      hub.join(peer);
      sendControl(peer, 'welcome', { connection_id: peer.id, heartbeat_ms: heartbeatMs, poll_ms: pollMs });
      if (jobIds.data.length > 0) await session.subscribe(peer, jobIds.data);
    },
    stop() {
      clearInterval(heartbeat);
      for (const response of open) response.end();
    },
  };
}

function createPeer(response: ServerResponse): Peer {
  return {
    id: randomUUID(),
    send({ message, text }) {
      if (response.writableEnded || response.destroyed) return;
      if (response.writableLength > LIMITS.wsBufferMaxBytes) response.destroy();
      else response.write(`event: ${message.type}\ndata: ${text}\n\n`);
    },
  };
}
