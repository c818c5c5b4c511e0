import type { EventBus } from '@progeny/event-bus';
import { connectNatsEventBus } from '@progeny/event-bus-nats';
import { type BenchServers, startBenchServers } from '../bench-servers.ts';
import { type ProcessUsage, readProcessUsage } from '../measure/process-usage.ts';
import { clockMs } from '../measure/serve-commands.ts';
import { createJobs } from './jobs.ts';
import { allowOpenFiles } from './open-files.ts';
import { createPublisher, type Publisher } from './publisher.ts';
import { type Readers, startReaders } from './reading/readers.ts';

/** Servers, and jobs in the ledger. */
export interface FanoutScene {
  servers: BenchServers;
  bus: EventBus;
  jobIds: readonly string[];
  /** When the stamps began. */
  startedMs: number;
  stop(): Promise<void>;
}

/** One that serves nobody but the benchmark. */
export interface FanoutGateway {
  port: number;
  pid: number;
  /** Resident memory when it served nobody yet. */
  memoryMiB: number;
}

/** Who reads from a gateway, and who publishes what they read. */
export interface Audience {
  readers: Readers;
  publisher: Publisher;
}

/** Of the first `jobs` each reader watches `jobsEach`. */
export interface AudienceSize {
  readers: number;
  jobs: number;
  jobsEach?: number;
}

/** Beside the sockets. */
const OTHER_FILES = 200;
/** The first stamps are above every version of the ledger. */
const STAMPS_AHEAD_MS = 2_000;

export async function openFanoutScene({ jobs }: { jobs: number }): Promise<FanoutScene> {
  const servers = await startBenchServers();
  const log = { warn: console.error, error: console.error };
  const bus = connectNatsEventBus({ url: servers.natsUrl, name: 'bench', log });
  const [jobIds] = await Promise.all([createJobs(servers.databaseUrl, jobs), bus.connected]);
  return {
    servers,
    bus,
    jobIds,
    startedMs: clockMs() - STAMPS_AHEAD_MS,
    async stop() {
      await bus.close();
      await servers.stop();
    },
  };
}

/** Not a number where there is no /proc. */
export const usageOf = (pid: number): ProcessUsage =>
  readProcessUsage(pid) ?? { cpuSeconds: Number.NaN, memoryMiB: Number.NaN };

/** Less than one tick cannot be told from none. */
const CPU_TICK_SECONDS = 0.01;

/** What a process took since it had taken `before`. */
export const cpuSecondsSince = (pid: number, before: number): number =>
  Math.max(CPU_TICK_SECONDS, usageOf(pid).cpuSeconds - before);

/** Runs `work` with a fresh gateway. */
export async function withGateway<Result>(
  { servers }: FanoutScene,
  readersMax: number,
  work: (gateway: FanoutGateway) => Promise<Result>,
): Promise<Result> {
  const service = await servers.startService('ws-gateway');
  try {
    allowOpenFiles(service.pid, readersMax + OTHER_FILES);
    const { memoryMiB } = usageOf(service.pid);
    return await work({ port: Number(service.address.split(':')[1]), pid: service.pid, memoryMiB });
  } finally {
    await service.stop();
  }
}

/** Runs `work` with readers of a server that speaks as a gateway. */
export async function withAudience<Result>(
  { bus, startedMs, ...scene }: FanoutScene,
  { port }: { port: number },
  { readers, jobs, jobsEach = 1 }: AudienceSize,
  work: (audience: Audience) => Promise<Result>,
): Promise<Result> {
  const jobIds = scene.jobIds.slice(0, jobs);
  const opened = await startReaders({ host: '127.0.0.1', port, jobIds, readers, jobsEach, startedMs });
  try {
    return await work({ readers: opened, publisher: createPublisher({ bus, jobIds, startedMs }) });
  } finally {
    await opened.close();
  }
}
