import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isNatsAnswering } from './nats-answering.ts';
import { type NatsServer, startNatsServer } from './nats-server.ts';

let storeDir: string;
const servers: NatsServer[] = [];

async function start(
  options: { port?: number; logFile?: string; storeDir?: string } = {},
): Promise<NatsServer> {
  const server = await startNatsServer({ port: 0, storeDir, ...options });
  servers.push(server);
  return server;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

beforeEach(async () => {
  storeDir = await mkdtemp(join(tmpdir(), 'progeny-nats-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
  }
  await rm(storeDir, { recursive: true });
});

test('a started server answers on loopback, and no longer once it is stopped', async () => {
  const server = await start();
  expect(server.url).toBe(`nats://127.0.0.1:${server.port}`);
  expect(await isNatsAnswering(server.url)).toBe(true);

  await server.stop();
  expect(await isNatsAnswering(server.url)).toBe(false);
  expect(isAlive(server.pid)).toBe(false);
});

test('servers started side by side get ports of their own', async () => {
  const started = await Promise.all(['a', 'b', 'c'].map((name) => start({ storeDir: join(storeDir, name) })));
  expect(new Set(started.map((server) => server.port)).size).toBe(3);
});

test('a stopped server starts again on the same port', async () => {
  const first = await start();
  await first.stop();
  const second = await start({ port: first.port });
  expect(second.url).toBe(first.url);
  expect(await isNatsAnswering(second.url)).toBe(true);
});

test('a taken port is named in the error', async () => {
  const { port } = await start();
  await expect(start({ port })).rejects.toMatchObject({
    code: 'port_taken',
    message: `NATS cannot listen on 127.0.0.1:${port}: the port is taken`,
  });
});

test('a binary that cannot be run is an error, not a hang', async () => {
  await expect(startNatsServer({ port: 0, storeDir, binary: join(storeDir, 'none') })).rejects.toMatchObject({
    code: 'nats_start_failed',
  });
  await expect(startNatsServer({ port: 0, storeDir, binary: '/bin/false' })).rejects.toMatchObject({
    code: 'nats_start_failed',
  });
});

test('a killed server says how it went', async () => {
  const server = await start();
  await server.kill();
  expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

test('the log goes to the file', async () => {
  const logFile = join(storeDir, 'nats.log');
  const server = await start({ logFile });
  await server.stop();
  expect(await readFile(logFile, 'utf8')).toContain('Starting JetStream');
});

test('something else that listens is not taken for NATS', async () => {
  const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  try {
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    expect(await isNatsAnswering(`nats://127.0.0.1:${port}`)).toBe(false);
  } finally {
    await new Promise((resolve) => other.close(resolve));
  }
});
