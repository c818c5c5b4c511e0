import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commandOf } from './process-table.ts';
import { findRedisServer, type RedisServer, startRedisServer } from './redis-server.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'progeny-redis-'));
const started: RedisServer[] = [];

async function start(name: string, settings = {}): Promise<RedisServer> {
  const server = await startRedisServer({ dataDir: path.join(folder, name), settings });
  started.push(server);
  return server;
}

afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function ask(port: number, command: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.write(`${command}\r\n`);
  const [answer] = await once(socket, 'data');
  socket.destroy();
  return String(answer);
}

test('two servers start side by side, answer, and are gone when they are stopped', async () => {
  const [one, other] = await Promise.all([start('one'), start('other')]);
  expect(one.port).not.toBe(other.port);
  expect(await ask(one.port, 'PING')).toBe('+PONG\r\n');
  await Promise.all([one.stop(), other.stop()]);
  expect([one, other].map(({ pid }) => commandOf(pid))).toEqual([null, null]);
});

test('settings reach it: with an append-only file every write is on disk', async () => {
  const { port } = await start('durable', { appendonly: 'yes' });
  expect(await ask(port, 'CONFIG GET appendonly')).toContain('yes');
  expect(existsSync(path.join(folder, 'durable/appendonlydir'))).toBe(true);
});

test('one that cannot start says why', async () => {
  await expect(start('refused', { maxmemory: 'many' })).rejects.toMatchObject({
    code: 'redis_start_failed',
    message: expect.stringContaining('argument must be a memory value'),
  });
});

test('a machine without it is told so', async () => {
  expect(await findRedisServer('/usr/bin')).toMatch(/redis-server$/);
});
