import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startNatsServer } from '../nats-server.ts';
import { openTcpGate, type TcpGate } from './tcp-gate.ts';
import { createTestDatabase } from './test-database.ts';

/** A database and a NATS server of its own for a service under test, each behind a gate; and the way past the gates. */
export interface Neighbours {
  postgres: TcpGate;
  nats: TcpGate;
  databaseUrl: string;
  natsUrl: string;
  stop(): Promise<void>;
}

export async function startNeighbours(): Promise<Neighbours> {
  const storeDir = await mkdtemp(path.join(tmpdir(), 'progeny-neighbours-'));
  const [database, server] = await Promise.all([
    createTestDatabase(),
    startNatsServer({ port: 0, storeDir, jetStream: false }),
  ]);
  const [postgres, nats] = await Promise.all([openTcpGate(database.url), openTcpGate(server.url)]);
  return {
    postgres,
    nats,
    databaseUrl: database.url,
    natsUrl: server.url,
    async stop() {
      await Promise.all([postgres.shut(), nats.shut()]);
      await Promise.all([database.drop(), server.stop()]);
      await rm(storeDir, { recursive: true });
    },
  };
}
