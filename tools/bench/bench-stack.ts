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

export interface BenchStack {
  apiUrl: string;
  executorUrl: string;
  gatewayUrl: string;
  natsUrl: string;
  databaseUrl: string;
  /** Of the services and of their servers, by name. */
  pids: Record<string, number>;
  stop(): Promise<void>;
}

/** PostgreSQL with everything durable, NATS, and manager, parent executor and gateway as processes; no worker. */
export async function startBenchStack({
  execArgv = ['--enable-source-maps'],
}: {
  /** How Node.js is to run the services. */
  execArgv?: readonly string[];
} = {}): Promise<BenchStack> {
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
  const [managerPort, gatewayPort, executorPort] = [await freePort(), await freePort(), await freePort()];
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    LOG_LEVEL: 'warn',
    DATABASE_URL: postgres.url,
    NATS_URL: nats.url,
    MANAGER_PORT: String(managerPort),
    GATEWAY_PORT: String(gatewayPort),
    EXECUTOR_PORT: String(executorPort),
  };
  const pids: Record<string, number> = { postgres: postgres.pid, nats: nats.pid };
  const service = (name: string, port: number) =>
    createServiceProcess(
      {
        name,
        script: path.join(root, 'apps', name, 'dist/main.js'),
        execArgv,
        env,
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
  const services = [
    service('manager', managerPort),
    service('parent-executor', executorPort),
    service('ws-gateway', gatewayPort),
  ];
  await Promise.all(services.map((one) => one.start()));
  return {
    pids,
    executorUrl: `http://127.0.0.1:${executorPort}`,
    apiUrl: `http://127.0.0.1:${managerPort}`,
    gatewayUrl: `ws://127.0.0.1:${gatewayPort}/ws`,
    natsUrl: nats.url,
    databaseUrl: postgres.url,
    async stop() {
      await Promise.all(services.map((one) => one.stop()));
      await nats.stop();
      await postgres.stop();
      await removePostgresData(dataDir);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
