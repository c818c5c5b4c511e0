import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  freePort,
  migrate,
  removePostgresData,
  startNatsServer,
  startPostgresServer,
  workspaceRoot,
} from '@progeny/infra';
import { createServiceProcess } from '../start/service-process.ts';

export interface BenchServers {
  natsUrl: string;
  databaseUrl: string;
  /** Of the servers, and of each service that was started last under its name. */
  pids: Record<string, number>;
  /** A service as a process on these servers, at a port of its own; resolves when it works. */
  startService(
    name: 'manager' | 'parent-executor' | 'ws-gateway',
    options?: { execArgv?: readonly string[]; env?: Readonly<Record<string, string>> },
  ): Promise<BenchService>;
  /** Stops the services, and then the servers. */
  stop(): Promise<void>;
}

export interface BenchService {
  /** `127.0.0.1:<port>` */
  address: string;
  pid: number;
  stop(): Promise<void>;
}

const PORT_VARIABLE = {
  manager: 'MANAGER_PORT',
  'parent-executor': 'EXECUTOR_PORT',
  'ws-gateway': 'GATEWAY_PORT',
};

/** PostgreSQL with everything durable and NATS, in a folder that goes with them. */
export async function startBenchServers(): Promise<BenchServers> {
  const root = workspaceRoot();
  const folder = mkdtempSync(path.join(tmpdir(), 'progeny-bench-'));
  chmodSync(folder, 0o755); // as root the server runs as somebody else, who has to get in
  const dataDir = path.join(folder, 'postgres');
  const postgres = await startPostgresServer({
    dataDir,
    port: 0,
    logFile: path.join(folder, 'postgres.log'),
  });
  const nats = await startNatsServer({ port: 0, storeDir: path.join(folder, 'nats') });
  await migrate({
    databaseUrl: postgres.url,
    schemaPath: path.join(root, 'prisma/schema.prisma'),
    migrationsDir: path.join(root, 'prisma/migrations'),
  });
  const pids: Record<string, number> = { postgres: postgres.pid, nats: nats.pid };
  const running = new Set<BenchService>();

  return {
    natsUrl: nats.url,
    databaseUrl: postgres.url,
    pids,
    async startService(name, { execArgv = ['--enable-source-maps'], env = {} } = {}) {
      const port = await freePort();
      const service = createServiceProcess(
        {
          name,
          script: path.join(root, 'apps', name, 'dist/main.js'),
          execArgv,
          env: {
            ...process.env,
            NODE_ENV: 'production',
            LOG_LEVEL: 'warn',
            DATABASE_URL: postgres.url,
            NATS_URL: nats.url,
            ...env,
            [PORT_VARIABLE[name]]: String(port),
          },
          readyUrls: [`http://127.0.0.1:${port}/health/ready`],
          logFile: path.join(folder, `${name}.log`),
        },
        {
          onNotice: (text) => console.error(text),
          onPid: (pid) => {
            pids[name] = pid;
          },
        },
      );
      await service.start();
      const started: BenchService = {
        address: `127.0.0.1:${port}`,
        pid: pids[name] ?? -1,
        stop: async () => {
          running.delete(started);
          await service.stop();
        },
      };
      running.add(started);
      return started;
    },
    async stop() {
      await Promise.all([...running].map((service) => service.stop()));
      await nats.stop();
      await postgres.stop();
      await removePostgresData(dataDir);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
