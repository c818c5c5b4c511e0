import type { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { publicLookup, refusePrivateLiteral } from './private-hosts.ts';
import { type Body, type Overflow, readBody } from './read-body.ts';

const HEADERS_MAX_BYTES = 32 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_CONNECTION_MS = 4_000;

export interface HttpAnswer {
  status: number;
  header(name: string): string | null;
  /** The body after the content coding is undone. Rejects as `readBody` does. */
  read(limit: { maxBytes: number; overflow: Overflow }): Promise<Body>;
  /** Must be called when the body is not read: it would hold the connection. */
  discard(): void;
}

export interface HttpClient {
  /** One GET, no redirect followed. Whatever it rejects with, `classifyFailure` understands. */
  get(url: string, signal: AbortSignal): Promise<HttpAnswer>;
  close(): Promise<void>;
}

export interface HttpClientOptions {
  userAgent: string;
  allowPrivateHosts: boolean;
}

export function createHttpClient({ userAgent, allowPrivateHosts }: HttpClientOptions): HttpClient {
  const agent = new Agent({
    maxHeaderSize: HEADERS_MAX_BYTES,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    connect: { timeout: CONNECT_TIMEOUT_MS, ...(!allowPrivateHosts && { lookup: publicLookup }) },
  });
  const headers = {
    'user-agent': userAgent,
    accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.5',
    'accept-encoding': 'gzip, br',
  };
  return {
    async get(url, signal) {
      if (!allowPrivateHosts) refusePrivateLiteral(new URL(url));
      const answer = await request(url, { dispatcher: agent, headers, signal });
      const header = (name: string): string | null => {
        const value = answer.headers[name];
        return (Array.isArray(value) ? value[0] : value) ?? null;
      };
      return {
        status: answer.statusCode,
        header,
        read: (limit) =>
          readBody(answer.body, {
            ...limit,
            contentLength: Number(header('content-length') ?? Number.NaN),
            // No content has no coding, whatever the header says.
            contentCoding: answer.statusCode === 204 ? null : header('content-encoding'),
          }),
        discard: () => discard(answer.body),
      };
    },
    close: () => agent.destroy(),
  };
}

function discard(body: Readable): void {
  // Destroying it is what was wanted, so what it says about that is no news.
  body.on('error', () => {});
  body.destroy();
}
