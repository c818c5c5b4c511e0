import { freePort, isPortFree } from '@progeny/infra';
import type { StartOptions } from './options.ts';
import type { ServiceName } from './replicas.ts';

/** Where each replica of a service listens; the first where it was told to. */
export type Ports = Readonly<Record<ServiceName, readonly [number, ...number[]]>>;

const SETTINGS: Readonly<Record<ServiceName, string>> = {
  manager: 'MANAGER_PORT or --port',
  'parent-executor': 'EXECUTOR_PORT',
  'ws-gateway': 'GATEWAY_PORT or --gateway-port',
  'crawl-worker': 'WORKER_PORT',
};

export class PortsTakenError extends Error {
  readonly code = 'port_taken';

  constructor(taken: readonly string[]) {
    super(taken.join('\n'));
    this.name = 'PortsTakenError';
  }
}

/** The ports to serve on, 0 replaced by a free one. Names every one that another program has. */
export async function choosePorts(options: StartOptions): Promise<Ports> {
  const first: Readonly<Record<ServiceName, number>> = {
    manager: options.managerPort,
    'parent-executor': options.executorPort,
    'ws-gateway': options.gatewayPort,
    'crawl-worker': options.workerPort,
  };
  const chosen = new Set(Object.values(first));
  const taken: string[] = [];
  const choose = async (service: ServiceName): Promise<Ports[ServiceName]> => {
    const port = first[service] || (await freePortBeside(chosen));
    if (first[service] !== 0 && !(await isPortFree(port))) {
      taken.push(`port ${port} (${service}) is taken by another program; set ${SETTINGS[service]}`);
    }
    const others: number[] = [];
    while (others.length < options.replicas[service] - 1) others.push(await freePortBeside(chosen));
    return [port, ...others];
  };
  const ports: Ports = {
    manager: await choose('manager'),
    'parent-executor': await choose('parent-executor'),
    'ws-gateway': await choose('ws-gateway'),
    'crawl-worker': await choose('crawl-worker'),
  };
  if (taken.length > 0) throw new PortsTakenError(taken);
  return ports;
}

/** The system may name a free port twice, since nobody listens there yet. */
async function freePortBeside(chosen: Set<number>): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (chosen.has(port)) continue;
    chosen.add(port);
    return port;
  }
}

/** Starts something on the usual port, or on any free one when another program has that. */
export async function onUsualPort<Result>(
  usual: number,
  start: (port: number) => Promise<Result>,
): Promise<Result> {
  if (!(await isPortFree(usual))) return await start(0);
  try {
    return await start(usual);
  } catch (error) {
    // Another was quicker; Node.js and the servers have their own names for it.
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code !== 'port_taken' && code !== 'EADDRINUSE') throw error;
    return await start(0);
  }
}
