import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { WorkerEndpoint } from '@progeny/contract';
import { answerRequest, createHandlerRunner, type RequestHandlers, SILENT_LOG } from '@progeny/event-bus';
import { closeServer, listen } from '@progeny/kit';

const STATUS = { invalid_request: 400, refused: 409, remote_failed: 500, unavailable: 503 } as const;

/** For tests: the endpoints for workers over HTTP, as the manager serves them. `token` is asked for when there is one. */
export async function serveOverHttp(
  handlers: () => RequestHandlers,
  { token }: { token?: string } = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const counters = { unsent: 0, invalid: 0, handlerErrors: 0 };
  const runner = createHandlerRunner({ log: SILENT_LOG, counters });
  const server = createServer(async (request, response) => {
    const endpoint = /^\/v1\/workers\/(\w+)$/.exec(request.url ?? '')?.[1] as WorkerEndpoint;
    const body = await text(request);
    const isKnown = token === undefined || request.headers.authorization === `Bearer ${token}`;
    if (!isKnown) return void response.writeHead(401).end();
    const answer = await answerRequest(endpoint, body, { handlers: handlers(), runner });
    if (answer.ok) response.end(answer.text);
    else response.writeHead(STATUS[answer.code]).end();
  });
  const port = await listen(server, { host: '127.0.0.1', port: 0, portVariable: 'PORT' });
  return { url: `http://127.0.0.1:${port}`, close: () => closeServer(server) };
}
