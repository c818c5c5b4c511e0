import { readFileSync } from 'node:fs';
import { connectNatsEventBus, type NatsEventBusOptions } from '@progeny/event-bus-nats';
import { createPrismaJobStore } from '@progeny/job-store-prisma';
import type { Log } from '@progeny/kit';
import { createRandom } from '../random.ts';
import { type Chaos, createChaoticBus } from './chaotic-bus.ts';

/** The file whose presence disturbs the events of every service; what it says is how. */
export const CHAOS_FILE = 'FAULTS_CHAOS_FILE';
/** From which the disturbances are drawn. */
export const CHAOS_SEED = 'FAULTS_CHAOS_SEED';

const LOOK_EVERY_MS = 100;

/** The bus that a service has in the product, with chaos to be turned on from outside. */
export function connectChaoticBus(options: NatsEventBusOptions) {
  return createChaoticBus(connectNatsEventBus(options), {
    chaos: watchChaos(process.env[CHAOS_FILE] ?? ''),
    random: createRandom(Number(process.env[CHAOS_SEED] ?? 0), options.name, process.pid),
  });
}

/** The store as in the product. */
export const openStore = (config: { DATABASE_URL: string; DATABASE_POOL_SIZE: number }, log: Log) =>
  createPrismaJobStore({
    databaseUrl: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    onIdleError: (error) => log.warn({ err: error }, 'a database connection broke'),
  });

function watchChaos(file: string): () => Chaos | null {
  let chaos: Chaos | null = null;
  setInterval(() => {
    chaos = readChaos(file);
  }, LOOK_EVERY_MS).unref();
  return () => chaos;
}

function readChaos(file: string): Chaos | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null; // most of the time there is none
  }
}
