import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { type Problem, problemSchema } from '@progeny/contract';

export interface KnockAnswer {
  /** 101 for one that is let in; it is left at once. */
  status: number;
  headers: IncomingHttpHeaders;
  /** Of a refusal. */
  problem: Problem | null;
}

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

/** What a gateway answers to the first request of a WebSocket, or with `path: '/sse'` of a stream. */
export async function knock(
  port: number,
  headers: Readonly<Record<string, string>> = {},
  { path = '/ws', method = 'GET' } = {},
): Promise<KnockAnswer> {
  const asked = request({
    host: '127.0.0.1',
    port,
    path,
    method,
    agent: false,
    headers: { ...(path === '/ws' && UPGRADE), ...headers },
  });
  asked.end();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.on('error', reject);
    asked.on('response', resolve);
    asked.on('upgrade', (upgraded, socket) => {
      socket.destroy();
      resolve(upgraded);
    });
  });
  const { statusCode: status = 0 } = response;
  if (status < 400) {
    asked.destroy();
    return { status, headers: response.headers, problem: null };
  }
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await once(response, 'end');
  return { status, headers: response.headers, problem: problemSchema.parse(JSON.parse(text)) };
}
