import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Ports } from './ports.ts';
import { createServiceProcess, type ServiceProcess, type ServiceSpec } from './service-process.ts';
import type { StateFolder } from './state-folder.ts';
import type { Terminal } from './terminal.ts';

const HOST = '127.0.0.1';

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
  names: string[];
  start(): Promise<void>;
  /** The worker first, so that it can hand back what it has in hand. */
  stop(): Promise<void>;
  kill(): void;
}

export function createServices(context: ServicesContext): Services {
  const specs = context.natsUrl === null ? [allInOne(context)] : separate(context);
  const processes = specs.map((spec) => supervised(spec, context));
  const worker = processes.filter(({ name }) => name === 'crawl-worker');
  const others = processes.filter(({ name }) => name !== 'crawl-worker');
  return {
    names: specs.map(({ name }) => name),
    async start() {
      mkdirSync(context.folder.at('logs'), { recursive: true });
      for (const { logFile } of specs) rmSync(logFile, { force: true });
      await Promise.all(processes.map((service) => service.start()));
    },
    async stop() {
      await Promise.all(worker.map((service) => service.stop()));
      await Promise.all(others.map((service) => service.stop()));
    },
    kill: () => {
      for (const service of processes) service.kill();
    },
  };
}

function supervised(spec: ServiceSpec, { folder, terminal }: ServicesContext): ServiceProcess {
  const { name, script } = spec;
  return createServiceProcess(spec, {
    onNotice: (text) => terminal.line(`  ${text}`),
    onPid: (pid) => folder.record('services', { name, pid, sign: script }),
  });
}

const readyUrl = (port: number) => `http://${HOST}:${port}/health/ready`;

function separate(context: ServicesContext): ServiceSpec[] {
  const { root, folder, ports } = context;
  const env = environment(context);
  const spec = (name: string, port: number): ServiceSpec => ({
    name,
    script: path.join(root, 'apps', name, 'dist/main.js'),
    env,
    readyUrls: [readyUrl(port)],
    logFile: folder.at(`logs/${name}.log`),
  });
  return [
    spec('manager', ports.manager),
    spec('parent-executor', ports.executor),
    spec('ws-gateway', ports.gateway),
    spec('crawl-worker', ports.worker),
  ];
}

function allInOne(context: ServicesContext): ServiceSpec {
  return {
    name: 'all-in-one',
    script: path.join(context.root, 'tools/start/all-in-one.ts'),
    execArgv: ['--enable-source-maps', '--import', 'tsx'],
    env: environment(context),
    readyUrls: Object.values(context.ports).map(readyUrl),
    logFile: context.folder.at('logs/all-in-one.log'),
  };
}

function environment({ env, root, ports, databaseUrl, natsUrl, demoUrl }: ServicesContext) {
  return {
    ...env,
    HOST,
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    MANAGER_PORT: String(ports.manager),
    GATEWAY_PORT: String(ports.gateway),
    EXECUTOR_PORT: String(ports.executor),
    WORKER_PORT: String(ports.worker),
    GATEWAY_URL: `ws://${HOST}:${ports.gateway}/ws`,
    WEB_DIST: path.join(root, 'apps/web/dist'),
    ...(natsUrl !== null && { NATS_URL: natsUrl }),
    ...(demoUrl !== null && { DEMO_URL: demoUrl }),
  };
}
