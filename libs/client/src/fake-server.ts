import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { clientMessageSchema } from '@progeny/contract';
import { WebSocketServer } from 'ws';
import { A, completedOf, startedOf, stateOf } from './fake-events.ts';
import { EPOCH, frameOf, welcome } from './fake-gateway.ts';
import type { ServerMessage } from './wire.ts';

export interface FakeServer {
  /** Of its sockets. */
  url: string;
  httpUrl: string;
  close(): Promise<void>;
}

/** A short life of one job, as a gateway tells it. */
const LIFE: readonly ServerMessage[] = [
  {
    type: 'subscribed',
    payload: { epoch: EPOCH, jobs: [{ job_id: A, recovered: false, seq: 0 }] },
    timestamp: '2026-01-01T00:00:00.000Z',
  },
  stateOf(A, 1, 'pending'),
  startedOf(A, 1),
  stateOf(A, 2),
  stateOf(A, 3, 'completed'),
  completedOf(A, 2),
];

/**
 * A real server that tells the life of job A over `/ws`, or with `socket: false` only over `/sse`. It serves files by
 * path beside that.
 */
export async function startFakeServer({
  socket = true,
  files = {},
  posts = {},
}: {
  socket?: boolean;
  /** What a POST is answered, by path. */
  posts?: Record<string, { status: number; body: unknown }>;
  files?: Record<string, { type: string; text: string }>;
}): Promise<FakeServer> {
  const stream = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const message of [welcome(), ...LIFE]) {
      response.write(`event: ${message.type}\ndata: ${frameOf(message)}\n\n`);
    }
  };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
    const file = files[pathname];
    const post = request.method === 'POST' ? posts[pathname] : undefined;
    if (post) response.writeHead(post.status).end(JSON.stringify(post.body));
    else if (file) response.setHeader('content-type', file.type).end(file.text);
    else if (pathname === '/sse' && searchParams.get('job_id') === A) stream(response);
    else response.writeHead(404).end();
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, tcp, head) => {
    if (!socket) return tcp.destroy();
    sockets.handleUpgrade(request, tcp, head, (client) => {
      client.send(frameOf(welcome()));
      client.on('message', (data) => {
        const message = clientMessageSchema.parse(JSON.parse(String(data)));
        if (message.type === 'subscribe') for (const each of LIFE) client.send(frameOf(each));
      });
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/ws`,
    httpUrl: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        for (const client of sockets.clients) client.terminate();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
