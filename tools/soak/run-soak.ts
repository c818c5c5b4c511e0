import { setTimeout as sleep } from 'node:timers/promises';
import { connectNatsEventBus } from '@progeny/event-bus-nats';
import { startBenchServers } from '../bench/bench-servers.ts';
import { createJobs } from '../bench/fanout/jobs.ts';
import { createInspector } from './inspector.ts';
import { createRandom } from './seeded-random.ts';
import { findLeaks, isAtRest, readStanding, type Standing } from './standing.ts';
import { startTraffic } from './traffic.ts';
import { type VisitCounts, type VisitOptions, visit } from './visit.ts';

export interface SoakOptions {
  minutes: number;
  seed: number;
  /** Visitors at once. */
  visitors: number;
  /** Told at the end of each wave, when everybody has left. */
  onRest(rest: { atMs: number; standing: Standing; visits: number; frames: number }): void;
}

const JOBS = 50;
/** The first is for everything to become warm; the start is what stands after it. */
const WAVES = 13;
const WAVE_MIN_MS = 1_500;
/** Fewer would leave too little behind for a leak to be told from noise. */
const WAVE_MIN_VISITS = 500;
const PAUSE_MAX_MS = 50;
/** Whoever was cut off without a word is noticed by the next ping without a pong. */
const REST_PATIENCE_MS = 40_000;
const LOOK_EVERY_MS = 100;
const GATEWAY_ENV = {
  /** So that it is known how many descriptors the database takes. */
  DATABASE_POOL_SIZE: '2',
  /** So that pings and the backup poll come in the short time that a visitor stays, and in the first wave. */
  HEARTBEAT_INTERVAL_MS: '500',
  POLL_INTERVAL_MS: '3000',
};

/** Lets visitors come and go, in waves. Resolves with what is wrong at the end; with nothing when all is back. */
export async function runSoak({ minutes, seed, visitors, onRest }: SoakOptions): Promise<string[]> {
  const inspector = await createInspector();
  const servers = await startBenchServers();
  const log = { warn: console.error, error: console.error };
  const bus = connectNatsEventBus({ url: servers.natsUrl, name: 'soak', log });
  try {
    await bus.connected;
    const [first = '', ...others] = await createJobs(servers.databaseUrl, JOBS);
    const jobIds = [first, ...others] as const;
    const gateway = await servers.startService('ws-gateway', {
      execArgv: inspector.execArgv,
      env: GATEWAY_ENV,
    });
    const counts: VisitCounts = { visits: 0, frames: 0, cutOff: [] };
    const traffic = startTraffic(bus, jobIds);
    const streams = Array.from({ length: visitors }, (_, part) => createRandom(seed, part));
    const waveMs = Math.max(WAVE_MIN_MS, (minutes * 60_000) / WAVES);
    const startedMs = performance.now();
    const rests: Standing[] = [];
    do {
      const endsMs = performance.now() + waveMs;
      const endsAfter = counts.visits + WAVE_MIN_VISITS;
      const comeAndGo = async (options: VisitOptions) => {
        while (performance.now() < endsMs || counts.visits < endsAfter) {
          await visit(options);
          await sleep(options.random.int(0, PAUSE_MAX_MS));
        }
      };
      await Promise.all(
        streams.map((random) => comeAndGo({ address: gateway.address, jobIds, random, counts })),
      );
      const standing = await untilAtRest(() => readStanding(gateway, inspector));
      rests.push(standing);
      onRest({
        atMs: performance.now() - startedMs,
        standing,
        visits: counts.visits,
        frames: counts.frames,
      });
    } while (rests.length < 2 || performance.now() - startedMs < minutes * 60_000);
    traffic.stop();
    return [...faultsOf(counts), ...leaksOf(rests)];
  } finally {
    await bus.close();
    await servers.stop();
  }
}

async function untilAtRest(read: () => Promise<Standing>): Promise<Standing> {
  const untilMs = performance.now() + REST_PATIENCE_MS;
  for (;;) {
    const standing = await read();
    if (isAtRest(standing) || performance.now() > untilMs) return standing;
    await sleep(LOOK_EVERY_MS);
  }
}

const leaksOf = (rests: readonly Standing[]): string[] => {
  const [start, end] = [rests[0], rests.at(-1)];
  return start && end ? findLeaks(start, end) : [];
};

/** A run in which nobody was served proves nothing. */
function faultsOf({ visits, frames, cutOff }: VisitCounts): string[] {
  const faults = frames < visits ? [`${visits} visits saw only ${frames} frames`] : [];
  const [how] = cutOff;
  if (how !== undefined) faults.push(`${cutOff.length} visitors were cut off: ${how}`);
  return faults;
}
