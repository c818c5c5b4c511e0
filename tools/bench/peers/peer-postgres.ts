import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removePostgresData, startPostgresServer, withClient } from '@progeny/infra';

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
      await server.stop();
      await removePostgresData(dataDir);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What autovacuum would do in the next seconds, when another is being measured. */
export const vacuum = (databaseUrl: string): Promise<void> =>
  withClient(databaseUrl, async (client) => {
    client.on('notice', () => {}); // tables of the system are not ours to vacuum
    await client.query('VACUUM (ANALYZE)');
  });
