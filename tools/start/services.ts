import path from 'node:path';
import { gatewayUrl, HOST, httpUrl } from './addresses.ts';
import { freshLogs, keepLogsBounded } from './logs.ts';
import type { Ports } from './ports.ts';
import { replicaName, SERVICE_NAMES, type ServiceName } from './replicas.ts';
import { createServiceProcess, type ServiceProcess, type ServiceSpec } from './service-process.ts';
import type { StateFolder } from './state-folder.ts';
import type { Terminal } from './terminal.ts';

/** What the one process is called that has all services in it. */
export const ALL_IN_ONE = 'all-in-one';

export interface ServicesContext {
  root: string;
  folder: StateFolder;
  terminal: Terminal;
  env: NodeJS.ProcessEnv;
  ports: Ports;
  databaseUrl: string;
  /** Null: everything in one process, on the bus in memory. */
  natsUrl: string | null;
  demoUrl: string | null;
}

export interface Services {
  start(): Promise<void>;
  /** The workers first, so that they can hand back what they have in hand. */
  stop(): Promise<void>;
  kill(): void;
}

export function createServices(context: ServicesContext): Services {
  const specs = context.natsUrl === null ? [allInOne(context)] : separate(context);
  const processes = specs.map((spec) => supervised(spec, context));
  const workers = processes.filter(({ name }) => name.startsWith('crawl-worker'));
  const others = processes.filter((service) => !workers.includes(service));
  const logs = context.folder.at('logs');
  let letLogsGrow = () => {};
  return {
    async start() {
      freshLogs(logs);
      letLogsGrow = keepLogsBounded(logs);
      await Promise.all(processes.map((service) => service.start()));
    },
    async stop() {
      letLogsGrow();
      await Promise.all(workers.map((service) => service.stop()));
      await Promise.all(others.map((service) => service.stop()));
    },
    kill: () => {
      for (const service of processes) service.kill();
    },
  };
}

function supervised(spec: ServiceSpec, { folder, terminal }: ServicesContext): ServiceProcess {
  const { name, script, readyUrls } = spec;
  return createServiceProcess(spec, {
    onNotice: (text) => terminal.line(`  ${text}`),
    onPid: (pid) => folder.record('services', { name, pid, sign: script, readyUrls }),
  });
}

const readyUrl = (port: number) => `${httpUrl(port)}/health/ready`;

const PORT_VARIABLE: Readonly<Record<ServiceName, string>> = {
  manager: 'MANAGER_PORT',
  'parent-executor': 'EXECUTOR_PORT',
  'ws-gateway': 'GATEWAY_PORT',
  'crawl-worker': 'WORKER_PORT',
};

function separate(context: ServicesContext): ServiceSpec[] {
  const { root, folder, ports } = context;
  const shared = environment(context);
  const gateways = ports['ws-gateway'];
  return SERVICE_NAMES.flatMap((service) =>
    ports[service].map((port, index) => {
      const name = replicaName(service, index);
      return {
        name,
        script: path.join(root, 'apps', service, 'dist/main.js'),
        env: {
          ...shared,
          [PORT_VARIABLE[service]]: String(port),
          // The pages share the gateways; any serves any page.
          ...(service === 'manager' && {
            GATEWAY_URL: gatewayUrl(gateways[index % gateways.length] ?? gateways[0]),
          }),
        },
        readyUrls: [readyUrl(port)],
        logFile: folder.at(`logs/${name}.log`),
      };
    }),
  );
}

function allInOne(context: ServicesContext): ServiceSpec {
  return {
    name: ALL_IN_ONE,
    script: path.join(context.root, 'tools/start/all-in-one.ts'),
    execArgv: ['--enable-source-maps', '--import', 'tsx'],
    env: environment(context),
    readyUrls: Object.values(context.ports).flat().map(readyUrl),
    logFile: context.folder.at(`logs/${ALL_IN_ONE}.log`),
  };
}

function environment({ env, root, ports, databaseUrl, natsUrl, demoUrl }: ServicesContext) {
  const first = (service: ServiceName) => String(ports[service][0]);
  return {
    ...env,
    HOST,
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    DATABASE_POOL_SIZE: env.DATABASE_POOL_SIZE || String(poolSize(ports)),
    MANAGER_PORT: first('manager'),
    GATEWAY_PORT: first('ws-gateway'),
    EXECUTOR_PORT: first('parent-executor'),
    WORKER_PORT: first('crawl-worker'),
    GATEWAY_URL: gatewayUrl(ports['ws-gateway'][0]),
    MANAGER_URL: httpUrl(ports.manager[0]),
    WEB_DIST: path.join(root, 'apps/web/dist'),
    ...(natsUrl !== null && { NATS_URL: natsUrl }),
    ...(demoUrl !== null && { DEMO_URL: demoUrl }),
  };
}

/** All pools together stay below the 100 connections that PostgreSQL allows by default. */
const POOLED_CONNECTIONS = 96;
const POOL_SIZE_MAX = 10;

function poolSize(ports: Ports): number {
  const pools = ports.manager.length + ports['parent-executor'].length + ports['ws-gateway'].length;
  return Math.min(POOL_SIZE_MAX, Math.floor(POOLED_CONNECTIONS / pools));
}
