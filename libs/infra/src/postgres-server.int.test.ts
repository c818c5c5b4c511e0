import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { withClient } from './postgres-database.ts';
import { type PostgresServer, removePostgresData, startPostgresServer } from './postgres-server.ts';

let folder: string;
const servers: PostgresServer[] = [];

async function start({ port = 0, durable = false } = {}): Promise<PostgresServer> {
  const server = await startPostgresServer({
    dataDir: path.join(folder, 'postgres'),
    port,
    logFile: path.join(folder, 'logs/postgres.log'),
    durable,
  });
  servers.push(server);
  return server;
}

const query = (server: PostgresServer, sql: string) =>
  withClient(server.url, async (client) => (await client.query(sql)).rows);

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'progeny-postgres-'));
  await chmod(folder, 0o755); // as root the server runs as somebody else, who has to get in
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    await server.stop();
    expect(existsSync(`/proc/${server.pid}`)).toBe(false);
  }
  await removePostgresData(path.join(folder, 'postgres'));
  await rm(folder, { recursive: true });
});

test('the application owns its database, on loopback, and is no superuser', async () => {
  const server = await start();
  expect(new URL(server.url).hostname).toBe('127.0.0.1');
  expect(
    await query(server, 'SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user'),
  ).toEqual([{ current_user: 'progeny', rolsuper: false }]);
  expect(await query(server, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
});

test('what was written is there after a stop, and after a crash', async () => {
  const first = await start({ durable: true });
  await query(first, 'CREATE TABLE mark AS SELECT 1 AS value');
  await first.stop();
  await first.stop();

  const second = await start({ durable: true });
  await query(second, 'INSERT INTO mark VALUES (2)');
  await second.kill();

  const third = await start();
  expect(await query(third, 'SELECT value FROM mark ORDER BY value')).toEqual([{ value: 1 }, { value: 2 }]);
});

test('a server that a killed run left behind is stopped, and its folder taken over', async () => {
  const orphan = await start();
  const heir = await start();
  await orphan.exited;
  expect(heir.pid).not.toBe(orphan.pid);
  await query(heir, 'SELECT 1');
});

test('a lock file whose number belongs to another program by now stops nobody, and nobody is harmed', async () => {
  const server = await start();
  await server.stop();
  await writeFile(path.join(server.folder, 'postmaster.pid'), `${process.pid}\n${server.folder}\n`);
  await query(await start(), 'SELECT 1');
});

test('a first start that was cut off half-way is begun anew', async () => {
  const unfinished = path.join(folder, 'postgres.unfinished');
  await mkdir(unfinished);
  await writeFile(path.join(unfinished, 'PG_VERSION'), '18');
  await query(await start(), 'SELECT 1');
});

test('files of another version are left alone, with the way out', async () => {
  await mkdir(path.join(folder, 'postgres'));
  await writeFile(path.join(folder, 'postgres/PG_VERSION'), '15\n');
  await expect(start()).rejects.toMatchObject({
    code: 'postgres_wrong_version',
    message: expect.stringMatching(/made by PostgreSQL 15, this is 18; clear it with --reset/),
  });
});

test('a taken port is named', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  await expect(start({ port })).rejects.toMatchObject({
    code: 'port_taken',
    message: `port ${port} is taken by another program`,
  });
  await new Promise((resolve) => other.close(resolve));
});

const asRoot = process.getuid?.() === 0;

test('a folder that the server cannot get into is replaced by one that it can, and cleared data are gone', async () => {
  await chmod(folder, 0o700);
  const server = await start();
  expect(server.folder.startsWith('/var/lib/progeny/')).toBe(asRoot);
  await server.stop();
  await removePostgresData(path.join(folder, 'postgres'));
  expect(existsSync(server.folder)).toBe(false);
});
