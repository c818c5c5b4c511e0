import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { removePostgresData, startPostgresServer, withClient } from '@progeny/infra';
import type pg from 'pg';

const ALONE_PATIENCE_MS = 5_000;

export interface PeerPostgres {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** A PostgreSQL for one peer, with the same settings as ours and as durable. */
export async function startPeerPostgres(): Promise<PeerPostgres> {
  const folder = mkdtempSync(path.join(tmpdir(), 'progeny-bench-'));
  chmodSync(folder, 0o755); // as root the server runs as somebody else, who has to get in
  const dataDir = path.join(folder, 'postgres');
  const server = await startPostgresServer({
    dataDir,
    port: 0,
    logFile: path.join(folder, 'postgres.log'),
  });
  return {
    url: server.url,
    pid: server.pid,
    async stop() {
      await withClient(server.url, untilAlone);
      await server.stop();
      await removePostgresData(dataDir);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A pool that has ended may not have closed yet, and nobody would hear its complaint that the server went away. */
async function untilAlone(client: pg.Client): Promise<void> {
  const deadlineMs = performance.now() + ALONE_PATIENCE_MS;
  while (performance.now() < deadlineMs) {
    const { rows } = await client.query(
      `SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    );
    if (rows.length === 0) return;
    await delay(20); // the server tells nobody when a client has gone
  }
}

/** What autovacuum would do in the next seconds, when another is being measured. */
export const vacuum = (databaseUrl: string): Promise<void> =>
  withClient(databaseUrl, async (client) => {
    client.on('notice', () => {}); // tables of the system are not ours to vacuum
    await client.query('VACUUM (ANALYZE)');
  });
