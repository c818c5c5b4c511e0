/**
 * The process that owns the PostgreSQL of one Jest run. It starts the server when the first test asks, and clears
 * everything away when Jest ends, however Jest ends: the channel between them closes.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrate } from '../migrate.ts';
import { SUPERUSER } from '../postgres-cluster.ts';
import { withClient } from '../postgres-database.ts';
import { type PostgresServer, removePostgresData, startPostgresServer } from '../postgres-server.ts';
import { workspaceRoot } from '../workspace-root.ts';

const TEMPLATE = 'progeny';
let server: Promise<PostgresServer> | undefined;
let made = 0;
const folder = mkdtempSync(path.join(tmpdir(), 'progeny-test-'));
chmodSync(folder, 0o755); // as root the server runs as somebody else, who has to get in
const dataDir = path.join(folder, 'postgres');

async function startServer(): Promise<PostgresServer> {
  const started = await startPostgresServer({
    dataDir,
    port: 0,
    logFile: path.join(folder, 'postgres.log'),
    durable: false,
  });
  const prisma = path.join(workspaceRoot(), 'prisma');
  await migrate({
    databaseUrl: started.url,
    schemaPath: path.join(prisma, 'schema.prisma'),
    migrationsDir: path.join(prisma, 'migrations'),
  });
  return started;
}

async function createDatabase(): Promise<{ name: string; url: string }> {
  server ??= startServer();
  const { url } = await server;
  const name = `test_${++made}`;
  await admin(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  return { name, url: withDatabase(url, name) };
}

async function admin(sql: string): Promise<void> {
  if (!server) throw new Error('no database was created');
  await withClient(withDatabase((await server).url, 'postgres'), (client) => client.query(sql));
}

function withDatabase(url: string, name: string): string {
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}

/** As the superuser: nobody else may end a worker of autovacuum that is at it. */
async function dropDatabase(name: string): Promise<void> {
  if (!server) return;
  const url = new URL(withDatabase((await server).url, 'postgres'));
  url.username = SUPERUSER;
  await withClient(url.href, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
}

async function answer(method: string | undefined, pathname: string | undefined): Promise<object> {
  if (method === 'POST' && pathname === '/databases') return await createDatabase();
  const [, name] = /^\/databases\/(test_\d+)$/.exec(pathname ?? '') ?? [];
  if (method !== 'DELETE' || !name) throw new Error(`no such request: ${method} ${pathname}`);
  await dropDatabase(name);
  return {};
}

const http = createServer((request, response) => {
  answer(request.method, request.url).then(
    (body) => response.end(JSON.stringify(body)),
    (error: Error) => response.writeHead(500).end(error.message),
  );
});
http.listen(0, '127.0.0.1', () => {
  const address = http.address();
  if (typeof address === 'object') process.send?.({ url: `http://127.0.0.1:${address?.port}` });
});

process.once('disconnect', async () => {
  http.close();
  http.closeAllConnections();
  const started = await server?.catch(() => undefined);
  await started?.stop();
  if (server) await removePostgresData(dataDir);
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
// Ctrl-C reaches the whole group; Jest's own end is what counts.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
