import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { checkHealth, type HealthCheck } from './health.ts';
import { closeServer, listen } from './listen.ts';
import type { Metrics } from './metrics.ts';

export interface OpsOptions {
  metrics: Metrics;
  checks: Readonly<Record<string, HealthCheck>>;
}

/** Answers `/health/live`, `/health/ready` and `/metrics`; false when the request is for somebody else. */
export type OpsHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

export function createOpsHandler({ metrics, checks }: OpsOptions): OpsHandler {
  const answers: Record<string, (response: ServerResponse) => Promise<void>> = {
    '/health/live': async (response) => sendJson(response, 200, { live: true }),
    '/health/ready': async (response) => {
      const health = await checkHealth(checks);
      sendJson(response, health.ready ? 200 : 503, health);
    },
    '/metrics': async (response) => {
      const { contentType, text } = await metrics.render();
      response.writeHead(200, { 'content-type': contentType }).end(text);
    },
  };
  return (request, response) => {
    const answer = answers[(request.url ?? '').split('?')[0] ?? ''];
    if (!answer || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
    answer(response).catch((error) => sendJson(response, 500, { error: String(error) }));
    return true;
  };
}

export interface OpsServer {
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly port: number;
}

/** The whole HTTP side of a service that has no other: health and metrics. */
export function createOpsServer(
  options: OpsOptions & { host: string; port: number; portVariable: string },
): OpsServer {
  const handle = createOpsHandler(options);
  const server: Server = createServer((request, response) => {
    if (!handle(request, response)) response.writeHead(404).end();
  });
  let port = options.port;
  return {
    async start() {
      port = await listen(server, options);
    },
    stop: () => closeServer(server),
    get port() {
      return port;
    },
  };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
