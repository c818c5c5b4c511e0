import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { crawlLimitsSchema } from '@progeny/contract';
import { createHttpClient } from './http-get.ts';
import { createRobotsCache } from './robots-cache.ts';
import { type Visit, type VisitTask, visitPage } from './visit-page.ts';

const MAX_BYTES = 200_000;
const USER_AGENT = 'ProgenyBot/0.1 (+test)';
const PAGE = '<title>Hello</title><p>text <a href="/next">next</a>';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function origin(server: Server | ReturnType<typeof createTcpServer>, sockets: Set<Socket>): Promise<string> {
  closers.push(
    () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  );
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}

/** A site with one page; everything else, robots.txt included, is missing. */
function site(page: RequestListener): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    if (request.url === '/page') page(request, response);
    else response.writeHead(404).end();
  });
  server.on('connection', (socket) => sockets.add(socket));
  return origin(server, sockets);
}

/** A site that writes bytes as it likes: HTTP is what the test makes of it. */
function rawSite(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      if (data.toString().startsWith('GET /robots.txt')) {
        socket.write('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
      } else answer(socket);
    });
  });
  return origin(server, sockets);
}

async function visit(
  url: string,
  options: {
    timeoutMs?: number;
    signal?: AbortSignal;
    allowPrivateHosts?: boolean;
    maxDepth?: number;
    onStage?: VisitTask['onStage'];
  } = {},
): Promise<Visit> {
  const http = createHttpClient({
    userAgent: USER_AGENT,
    allowPrivateHosts: options.allowPrivateHosts ?? true,
  });
  const timeoutMs = options.timeoutMs ?? 5_000;
  const robots = createRobotsCache({ http, userAgent: USER_AGENT, timeoutMs });
  try {
    return await visitPage(
      {
        page: { url, depth: 1 },
        seeds: [url],
        limits: crawlLimitsSchema.parse({ max_depth: options.maxDepth ?? 5 }),
        signal: options.signal ?? new AbortController().signal,
        onStage: options.onStage ?? (() => {}),
      },
      { http, robots, timeoutMs, maxBytes: MAX_BYTES },
    );
  } finally {
    robots.close();
    await http.close();
  }
}

const failed = (code: string, retryable: boolean) =>
  expect.objectContaining({
    status: 'failed',
    retryable,
    error: expect.objectContaining({ error_code: code }),
  });

test('an ordinary page is read, and its links are its children one level deeper', async () => {
  const url = await site((request, response) => {
    expect(request.headers['user-agent']).toBe(USER_AGENT);
    response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
  });
  expect(await visit(`${url}/page`)).toEqual({
    status: 'completed',
    retryable: false,
    text: 'text next',
    children: [{ key: `${url}/next`, payload: { url: `${url}/next`, depth: 2 } }],
    result: {
      http_status: 200,
      content_type: 'text/html',
      title: 'Hello',
      size_bytes: PAGE.length,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      links_found: 1,
      duration_ms: expect.any(Number),
    },
  });
});

test('it tells each stage as it begins, and of a page that fails those that it came to', async () => {
  const url = await site((_, response) => response.setHeader('content-type', 'text/html').end(PAGE));
  const stages: string[] = [];
  const onStage = (stage: string) => void stages.push(stage);
  await visit(`${url}/page`, { onStage });
  await visit(`${url}/missing`, { onStage });
  expect(stages).toEqual(['fetching', 'parsing', 'extracting', 'storing', 'fetching']);
});

test('links beyond the depth are found and not handed on', async () => {
  const url = await site((_, response) => response.setHeader('content-type', 'text/html').end(PAGE));
  const visited = await visit(`${url}/page`, { maxDepth: 1 });
  expect(visited.children).toEqual([]);
  expect(visited.result).toMatchObject({ links_found: 1 });
});

test.each([
  ['gzip', gzipSync(PAGE)],
  ['br', brotliCompressSync(PAGE)],
  ['gzip, br', brotliCompressSync(gzipSync(PAGE))],
  ['identity', Buffer.from(PAGE)],
])('a body in %s is undone', async (coding, body) => {
  const url = await site((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': coding }).end(body),
  );
  expect(await visit(`${url}/page`)).toMatchObject({
    status: 'completed',
    result: { title: 'Hello', size_bytes: PAGE.length },
  });
});

test('a small file of another kind is a page without text', async () => {
  const url = await site((_, response) =>
    response.writeHead(200, { 'content-type': 'application/pdf' }).end('%PDF <a href="/x">'),
  );
  const visited = await visit(`${url}/page`);
  expect(visited).toMatchObject({
    status: 'completed',
    children: [],
    result: { content_type: 'application/pdf', size_bytes: 18, title: null },
  });
  expect(visited).not.toHaveProperty('text');
});

test('an empty answer is a page', async () => {
  const url = await site((_, response) => response.writeHead(204, { 'content-encoding': 'gzip' }).end());
  expect(await visit(`${url}/page`)).toMatchObject({
    status: 'completed',
    result: { size_bytes: 0, sha256: null },
  });
});

describe('bodies that never end', () => {
  test('an endless body is left when it is over the limit', async () => {
    let sent = 0;
    const url = await site((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      const chunk = 'x'.repeat(16_384);
      const write = () => {
        while (!response.destroyed) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', write);
        }
      };
      write();
    });
    expect(await visit(`${url}/page`)).toEqual(failed('too_large', false));
    // What the kernel's buffers take comes on top of what was read.
    expect(sent).toBeLessThan(20_000_000);
  });

  test('a declared size over the limit is enough', async () => {
    const url = await site((_, response) =>
      response.writeHead(200, { 'content-length': '999999999' }).write('x'),
    );
    expect(await visit(`${url}/page`)).toEqual(failed('too_large', false));
  });

  test('a small body that would become a large one is left as well', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    expect(bomb.length).toBeLessThan(MAX_BYTES);
    const url = await site((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' }).end(bomb),
    );
    expect(await visit(`${url}/page`)).toEqual(failed('too_large', false));
  });

  test('a body that comes drop by drop is left when the time is up', async () => {
    const url = await site((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      const timer = setInterval(() => response.write('x'), 20);
      response.once('close', () => clearInterval(timer));
    });
    expect(await visit(`${url}/page`, { timeoutMs: 300 })).toEqual(failed('timeout', true));
  });

  test('a server that says nothing is left when the time is up', async () => {
    const url = await site(() => {});
    expect(await visit(`${url}/page`, { timeoutMs: 300 })).toEqual(failed('timeout', true));
  });
});

describe('answers that make no sense', () => {
  test.each([
    [
      'headers without end',
      `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`,
      failed('invalid_response', false),
    ],
    [
      'one huge header',
      `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
      failed('invalid_response', false),
    ],
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.2p1\r\n', failed('invalid_response', false)],
    ['a header that is none', 'HTTP/1.1 200 OK\r\n: \0\r\n\r\n', failed('invalid_response', false)],
    [
      'a chunk size that is none',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      failed('invalid_response', false),
    ],
    [
      'two content lengths',
      'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx',
      failed('invalid_response', false),
    ],
  ])('%s', async (_, bytes, expected) => {
    const url = await rawSite((socket) => socket.write(bytes));
    expect(await visit(`${url}/page`)).toEqual(expected);
  });

  test('a body shorter than declared', async () => {
    const url = await rawSite((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort'));
    expect(await visit(`${url}/page`)).toEqual(failed('connection_lost', true));
  });

  test('a connection that is reset', async () => {
    const url = await rawSite((socket) => socket.resetAndDestroy());
    expect(await visit(`${url}/page`)).toEqual(failed('connection_lost', true));
  });

  test.each([
    ['gzip', 'plain text', 'invalid_response'],
    ['gzip', gzipSync(PAGE).subarray(0, 30), 'invalid_response'],
    ['rot13', PAGE, 'invalid_response'],
    ['gzip, gzip, gzip', PAGE, 'invalid_response'],
  ])('a body that is not %s', async (coding, body, code) => {
    const url = await site((_, response) =>
      response.writeHead(200, { 'content-encoding': coding }).end(body),
    );
    expect(await visit(`${url}/page`)).toEqual(failed(code, false));
  });

  test.each(['http://', 'http://[::1', 'mailto:me@example.org', `/${'x'.repeat(3_000)}`])(
    'a redirect to %.30s',
    async (location) => {
      const url = await site((_, response) => response.writeHead(302, { location }).end());
      expect(await visit(`${url}/page`)).toEqual(failed('invalid_response', false));
    },
  );

  test('a redirect to nowhere', async () => {
    const url = await site((_, response) => response.writeHead(302).end());
    expect(await visit(`${url}/page`)).toEqual(failed('invalid_response', false));
  });

  test('text in no encoding at all is text all the same', async () => {
    const url = await site((_, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
        .end(Buffer.from([0x61, 0xff, 0xfe, 0x00, 0xc3, 0x62])),
    );
    expect(await visit(`${url}/page`)).toMatchObject({ status: 'completed', text: 'a\ufffd\ufffd\0\ufffdb' });
  });
});

test('a redirect is a page with one link, of its own depth', async () => {
  const url = await site((_, response) =>
    response.writeHead(301, { location: '../to?utm_source=x#y' }).end(),
  );
  expect(await visit(`${url}/page`, { maxDepth: 1 })).toMatchObject({
    status: 'completed',
    children: [{ key: `${url}/to`, payload: { url: `${url}/to`, depth: 1 } }],
    result: { http_status: 301, redirected_to: `${url}/to`, links_found: 1 },
  });
});

test('a redirect to another host or to itself has no child', async () => {
  const away = await site((_, response) => response.writeHead(301, { location: 'http://b.example/' }).end());
  expect(await visit(`${away}/page`)).toMatchObject({
    status: 'completed',
    children: [],
    result: { redirected_to: 'http://b.example/' },
  });
  const self = await site((_, response) => response.writeHead(301, { location: '/page#again' }).end());
  expect(await visit(`${self}/page`)).toMatchObject({ status: 'completed', children: [] });
});

test('an error status is told with the status', async () => {
  const url = await site((_, response) => response.writeHead(503).end('busy'));
  expect(await visit(`${url}/page`)).toEqual({
    ...failed('http_503', true).sample,
    children: [],
    result: expect.objectContaining({ http_status: 503 }),
  });
});

test('nobody listening', async () => {
  const server = createServer();
  const url = await origin(server, new Set());
  await closers.pop()?.();
  expect(await visit(`${url}/page`)).toEqual(failed('connection_refused', true));
});

test('a host that does not exist', async () => {
  expect(await visit('http://no-such-host.invalid/')).toMatchObject({
    status: 'failed',
    error: { error_code: 'dns_failed' },
  });
});

test('TLS where there is none', async () => {
  const url = await site((_, response) => response.end());
  expect(await visit(`${url.replace('http:', 'https:')}/page`)).toEqual(failed('tls_failed', false));
});

test('a private address is refused when they are not allowed, given as a number or as a name', async () => {
  const url = await site((_, response) => response.end(PAGE));
  expect(await visit(`${url}/page`, { allowPrivateHosts: false })).toEqual(failed('private_address', false));
  expect(await visit(`${url.replace('127.0.0.1', 'localhost')}/page`, { allowPrivateHosts: false })).toEqual(
    failed('private_address', false),
  );
});

test('an aborted visit rejects with the reason, whatever it was doing', async () => {
  const controller = new AbortController();
  const url = await site(() => controller.abort(new Error('lost')));
  await expect(visit(`${url}/page`, { signal: controller.signal })).rejects.toThrow('lost');
});
