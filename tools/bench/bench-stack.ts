import { startBenchServers } from './bench-servers.ts';

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
export async function startBenchStack(
  /** How Node.js is to run the services. */
  options: { execArgv?: readonly string[] } = {},
): Promise<BenchStack> {
  const servers = await startBenchServers();
  const [manager, executor, gateway] = await Promise.all([
    servers.startService('manager', options),
    servers.startService('parent-executor', options),
    servers.startService('ws-gateway', options),
  ]);
  return {
    apiUrl: `http://${manager.address}`,
    executorUrl: `http://${executor.address}`,
    gatewayUrl: `ws://${gateway.address}/ws`,
    natsUrl: servers.natsUrl,
    databaseUrl: servers.databaseUrl,
    pids: servers.pids,
    stop: () => servers.stop(),
  };
}
