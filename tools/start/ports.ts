import { freePort, isPortFree } from '@progeny/infra';
import type { StartOptions } from './options.ts';

export interface Ports {
  manager: number;
  gateway: number;
  executor: number;
  worker: number;
}

const NAMES: Record<keyof Ports, { service: string; setting: string }> = {
  manager: { service: 'manager', setting: 'MANAGER_PORT or --port' },
  gateway: { service: 'ws-gateway', setting: 'GATEWAY_PORT or --gateway-port' },
  executor: { service: 'parent-executor', setting: 'EXECUTOR_PORT' },
  worker: { service: 'crawl-worker', setting: 'WORKER_PORT' },
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
  const { managerPort, gatewayPort, executorPort, workerPort } = options;
  const ports: Ports = {
    manager: managerPort,
    gateway: gatewayPort,
    executor: executorPort,
    worker: workerPort,
  };
  const taken: string[] = [];
  for (const name of Object.keys(NAMES) as (keyof Ports)[]) {
    const { service, setting } = NAMES[name];
    if (ports[name] === 0) ports[name] = await freePort();
    else if (!(await isPortFree(ports[name]))) {
      taken.push(`port ${ports[name]} (${service}) is taken by another program; set ${setting}`);
    }
  }
  if (taken.length > 0) throw new PortsTakenError(taken);
  return ports;
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
