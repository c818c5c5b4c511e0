import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import { closeServer, listen } from '@progeny/kit';
import { createHub } from './hub.ts';
import type { Session } from './session.ts';
import { createSseAdapter } from './sse-adapter.ts';
import { jobId, large, lifecycle, progress } from './testing/events.ts';
import { createGatewayScene, type GatewayScene } from './testing/gateway-scene.ts';

let scene: GatewayScene;

const startScene = async (...given: Parameters<typeof createGatewayScene>) => {
  scene = await createGatewayScene(...given);
  return scene;
};

afterEach(() => scene.close());

async function request(path: string, port = scene.port): Promise<IncomingMessage> {
  const [response] = await once(get({ host: '127.0.0.1', port, path, agent: false }), 'response');
  return response;
}

/** Reads a stream entry by entry: an event, or a comment. */
async function open(path: string, port = scene.port) {
  const response = await request(path, port);
  const chunks = response.setEncoding('utf8')[Symbol.asyncIterator]();
  let text = '';
  const next = async (): Promise<string | null> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const entry = text.slice(0, end);
        text = text.slice(end + 2);
        return entry;
      }
      const { value, done } = await chunks.next();
      if (done) return null;
      text += value;
    }
  };
  return { response, next };
}

/** The event's name, and the message it carries. */
function parse(entry: string | null): { name: string | undefined; message: unknown } {
  const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(entry ?? '') ?? [];
  return { name, message: JSON.parse(data ?? 'null') };
}

test('a stream carries the same envelopes as the socket, each named by its type', async () => {
  const { publish } = await startScene();
  const { response, next } = await open('/sse');
  expect(response.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
  });
  expect(parse(await next())).toMatchObject({ name: 'welcome', message: { type: 'welcome' } });
  publish(lifecycle(1), progress(2));
  expect([parse(await next()), parse(await next())]).toEqual([
    { name: 'JOB_STARTED', message: lifecycle(1) },
    { name: 'parent_job_progress', message: progress(2) },
  ]);
});

test('job_id narrows it to jobs, their snapshots first', async () => {
  const { publish, create } = await startScene();
  const [first, second, other] = [await create(), await create(), await create()];
  const { next } = await open(`/sse?job_id=${first}&job_id=${second}`);
  const entries = [await next(), await next(), await next(), await next()].map(parse);
  expect(entries.map(({ name }) => name)).toEqual([
    'welcome',
    'subscribed',
    'parent_job_progress',
    'parent_job_progress',
  ]);
  publish(progress(8, { id: other }), progress(9, { id: second }));
  expect(parse(await next()).message).toEqual(progress(9, { id: second }));
});

test('an unknown job is told in the stream', async () => {
  await startScene();
  const { next } = await open(`/sse?job_id=${jobId(404)}`);
  await next();
  expect(await next()).toMatch(/^event: error\n.*"code":"job_not_found"/);
});

test.each([
  ['what is no id', '/sse?job_id=*'],
  ['nothing', '/sse?job_id='],
  ['more than a hundred jobs', `/sse?${Array(101).fill(`job_id=${jobId()}`).join('&')}`],
])('asking for %s is a 400', async (_, path) => {
  await startScene();
  const response = await request(path);
  expect(response.statusCode).toBe(400);
  const [text] = await once(response.setEncoding('utf8'), 'data');
  expect(text).toBe('job_id must be the id of a job, at most 100 times\n');
});

test('a quiet stream is kept alive', async () => {
  await startScene({ env: { HEARTBEAT_INTERVAL_MS: '10' } });
  const { next } = await open('/sse');
  await next();
  expect([await next(), await next()]).toEqual([': alive', ': alive']);
});

test('a reader that goes away is forgotten', async () => {
  const { measured } = await startScene();
  const { response, next } = await open('/sse');
  await next();
  expect(await measured('connections')).toBe(1);
  response.destroy();
  while ((await measured('connections')) !== 0) await new Promise(setImmediate);
});

test('a reader that does not keep up is cut off', async () => {
  const { publish, measured } = await startScene();
  const response = await request('/sse');
  expect(await measured('connections')).toBe(1);
  for (let seq = 1; (await measured('connections')) > 0; seq += 1) {
    publish(large(seq));
    await new Promise(setImmediate);
    expect(seq).toBeLessThan(2_000);
  }
  response.destroy();
});

test('a stop ends every stream at once', async () => {
  const { stop } = await startScene();
  const { next } = await open('/sse');
  await next();
  await stop();
  expect(await next()).toBeNull();
}, 3_000);

test('what is told while a stream is ending harms nothing', async () => {
  const hub = createHub();
  const session: Session = { handle: async () => {}, subscribe: async () => {} };
  const adapter = createSseAdapter({ hub, session, heartbeatMs: 60_000, pollMs: 60_000 });
  const server = createServer((request, response) => void adapter.handle(request, response));
  const port = await listen(server, { host: '127.0.0.1', port: 0, portVariable: 'ANY' });
  const { next } = await open('/sse', port);
  await next();
  adapter.stop();
  hub.deliver(progress(2), 0);
  expect(await next()).toBeNull();
  await closeServer(server);
});
