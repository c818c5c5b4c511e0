import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
import type { Chaos } from '../services/chaotic-bus.ts';
import { CHAOS_FILE, CHAOS_SEED } from '../services/parts.ts';
import { type Build, SERVICES, type ServiceName } from './build-services.ts';
import { type Replica, startReplica } from './replica.ts';
import { createServer, type Server } from './server.ts';

export interface StackOptions {
  build: Build;
  seed: number;
  replicas: Readonly<Record<ServiceName, number>>;
  /** Settings of docs/OPERATIONS.md. */
  env: Readonly<Record<string, string>>;
}

/** PostgreSQL with everything durable, NATS, and each service as processes; all of it can be broken. */
export interface Stack {
  /** Logs, and the servers' files. */
  readonly folder: string;
  readonly databaseUrl: string;
  readonly natsUrl: string;
  /** Where NATS tells who has subscribed to what. */
  readonly natsMonitorUrl: string;
  readonly postgres: Server;
  readonly nats: Server;
  readonly replicas: readonly Replica[];
  replicasOf(service: ServiceName): Replica[];
  logFilesOf(service: ServiceName): string[];
  /** Ends that nobody caused, in words. */
  readonly ownEnds: readonly string[];
  /** Disturbs every event from now on, or no longer. */
  disturb(chaos: Chaos | null): void;
  /** Resolves when every service is. */
  ready(): Promise<void>;
  end(options: { keepFolder: boolean }): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const PORT_VARIABLES: Readonly<Record<ServiceName, string>> = {
  manager: 'MANAGER_PORT',
  'parent-executor': 'EXECUTOR_PORT',
  'ws-gateway': 'GATEWAY_PORT',
  'crawl-worker': 'WORKER_PORT',
};

export async function startStack({ build, seed, replicas: counts, env }: StackOptions): Promise<Stack> {
  const folder = mkdtempSync(path.join(tmpdir(), 'progeny-faults-'));
  chmodSync(folder, 0o755); // as root the server runs as somebody else, who has to get in
  const { postgres, databaseUrl, remove } = await startPostgres(folder);
  const { nats, natsUrl, natsMonitorUrl } = await startNats(folder);
  const chaosFile = path.join(folder, 'chaos.json');
  const ownEnds: string[] = [];
  const logFileOf = (service: ServiceName, index: number) => path.join(folder, `${service}-${index}.log`);
  const specs = SERVICES.flatMap((service) =>
    Array.from({ length: counts[service] }, (_, index) => ({ service, index: index + 1 })),
  );
  const ports = await Promise.all(specs.map(() => freePort()));
  const managerPorts = ports.filter((_, at) => specs[at]?.service === 'manager');
  const replicas = specs.map(({ service, index }, at) => {
    const port = ports[at] ?? 0;
    const managerPort = managerPorts[index % managerPorts.length];
    return startReplica({
      service,
      name: `${service} ${index}`,
      script: build[service],
      port,
      logFile: logFileOf(service, index),
      onOwnEnd: (how) => ownEnds.push(how),
      env: {
        ...process.env,
        NODE_ENV: 'production',
        LOG_LEVEL: 'warn',
        DATABASE_URL: databaseUrl,
        NATS_URL: natsUrl,
        ...env,
        MANAGER_URL: `http://127.0.0.1:${managerPort}`,
        [PORT_VARIABLES[service]]: String(port),
        [CHAOS_FILE]: chaosFile,
        [CHAOS_SEED]: String(seed),
      },
    });
  });
  const endReplicas = () => Promise.all(replicas.map((replica) => replica.end()));
  // One that is frozen would outlive us.
  process.once('exit', endReplicas);
  const stack: Stack = {
    folder,
    databaseUrl,
    natsUrl,
    natsMonitorUrl,
    postgres,
    nats,
    replicas,
    replicasOf: (service) => replicas.filter((replica) => replica.service === service),
    logFilesOf: (service) =>
      specs.filter((spec) => spec.service === service).map(({ index }) => logFileOf(service, index)),
    ownEnds,
    disturb(chaos) {
      if (chaos) writeFileSync(chaosFile, JSON.stringify(chaos));
      else rmSync(chaosFile, { force: true });
    },
    async ready() {
      await Promise.all(replicas.map((replica) => replica.ready(READY_WITHIN_MS)));
    },
    async end({ keepFolder }) {
      await endReplicas();
      process.removeListener('exit', endReplicas);
      await nats.stop();
      await postgres.stop();
      await remove();
      if (!keepFolder) rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await stack.ready();
  } catch (error) {
    await stack.end({ keepFolder: true });
    throw new Error(`the services did not start; their logs: ${folder}`, { cause: error });
  }
  return stack;
}

async function startPostgres(folder: string) {
  const dataDir = path.join(folder, 'postgres');
  const startAt = (port: number) =>
    startPostgresServer({ dataDir, port, logFile: path.join(folder, 'postgres.log') });
  const first = await startAt(0);
  const root = workspaceRoot();
  await migrate({
    databaseUrl: first.url,
    schemaPath: path.join(root, 'prisma/schema.prisma'),
    migrationsDir: path.join(root, 'prisma/migrations'),
  });
  return {
    postgres: createServer(first, startAt),
    databaseUrl: first.url,
    remove: () => removePostgresData(dataDir),
  };
}

async function startNats(folder: string) {
  const monitorPort = await freePort();
  const startAt = (port: number) =>
    startNatsServer({
      port,
      monitorPort,
      storeDir: path.join(folder, 'nats'),
      logFile: path.join(folder, 'nats.log'),
    });
  const first = await startAt(0);
  return {
    nats: createServer(first, startAt),
    natsUrl: first.url,
    natsMonitorUrl: `http://127.0.0.1:${monitorPort}`,
  };
}
