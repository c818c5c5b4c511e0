import { type BareLoop, startBareLoop } from './bare/bare-loop.ts';
import { type FanoutGateway, type FanoutScene, openFanoutScene, withGateway } from './fanout-scene.ts';
import { measureSaturation, type SaturationResult } from './saturation.ts';
import { measureStalled, type StalledResult } from './stalled.ts';
import { type BroadcastResult, measureBroadcast, measureSteady, type SteadyResult } from './steady.ts';

export interface FanoutResult {
  connections: number;
  /** Many jobs with few readers each. */
  many: SteadyResult;
  /** One job that all read, at the same gateway when the others have gone. */
  one: BroadcastResult;
  /** With one job for each reader, and with a hundred. */
  saturation: SaturationResult[];
  stalled: StalledResult;
}

export interface FanoutOptions {
  connections: number;
  rounds: number;
  short: boolean;
}

interface Plan {
  connections: number;
  rounds: number;
  seconds(full: number): number;
  say(text: string): void;
}

const MANY_JOBS = 1_000;
const READERS_OF_MANY = 10;
const BUSY_JOBS = 100;
/** The most that the gateway sends of one job to one reader. */
const MOST_PER_SECOND = 10;
const SHORT_SECONDS = 0.5;

const manyJobs = (connections: number) =>
  Math.max(1, Math.min(MANY_JOBS, Math.floor(connections / READERS_OF_MANY)));

/** Readers of several kinds on a gateway alone: the updates come from the bus, and nobody else is there. */
export async function measureFanout(
  { connections, rounds, short }: FanoutOptions,
  say: (text: string) => void,
): Promise<FanoutResult> {
  const plan: Plan = { connections, rounds, say, seconds: (full) => (short ? SHORT_SECONDS : full) };
  const jobs = Math.max(manyJobs(connections), BUSY_JOBS);
  const scene = await openFanoutScene({ jobs });
  try {
    return {
      connections,
      ...(await withGateway(scene, connections, (gateway) => serve(scene, gateway, plan))),
      stalled: await stall(scene, plan),
    };
  } finally {
    await scene.stop();
  }
}

async function serve(
  scene: FanoutScene,
  gateway: FanoutGateway,
  plan: Plan,
): Promise<Pick<FanoutResult, 'many' | 'one' | 'saturation'>> {
  const many = await readMany(scene, gateway, plan);
  const { startedMs } = scene;
  const { connections } = plan;
  const loop = await startBareLoop({ jobIds: scene.jobIds.slice(0, BUSY_JOBS), startedMs }, connections);
  try {
    const one = await readOne(scene, { gateway, loop }, plan);
    return { many, one, saturation: await saturate(scene, { gateway, loop }, plan) };
  } finally {
    await loop.stop();
  }
}

function readMany(
  scene: FanoutScene,
  gateway: FanoutGateway,
  { connections, rounds, seconds, say }: Plan,
): Promise<SteadyResult> {
  const jobs = manyJobs(connections);
  const readersEach = Math.min(READERS_OF_MANY, connections);
  say(`${jobs} jobs with ${readersEach} readers each`);
  return measureSteady(scene, gateway, {
    jobs,
    readersEach,
    perJobPerSecond: 1,
    seconds: seconds(20),
    rounds,
  });
}

function readOne(
  scene: FanoutScene,
  servers: { gateway: FanoutGateway; loop: BareLoop },
  { connections, rounds, seconds, say }: Plan,
): Promise<BroadcastResult> {
  say(`one job with ${connections} readers`);
  return measureBroadcast(scene, servers, {
    readersEach: connections,
    perJobPerSecond: 2,
    seconds: seconds(10),
    rounds,
  });
}

async function saturate(
  scene: FanoutScene,
  servers: { gateway: FanoutGateway; loop: BareLoop },
  { connections, rounds, seconds, say }: Plan,
): Promise<SaturationResult[]> {
  const results: SaturationResult[] = [];
  for (const [readers, jobsEach] of [
    [connections, 1],
    [Math.ceil(connections / 10), BUSY_JOBS],
  ] as const) {
    say(`as fast as it goes: ${readers} readers, each with ${jobsEach} of ${BUSY_JOBS} jobs`);
    const load = { readers, jobsEach, rounds, seconds: seconds(5) };
    results.push(
      await measureSaturation(scene, servers, {
        ...load,
        jobs: BUSY_JOBS,
        perJobPerSecond: MOST_PER_SECOND,
      }),
    );
  }
  return results;
}

function stall(scene: FanoutScene, { connections, rounds, seconds, say }: Plan): Promise<StalledResult> {
  const readers = Math.ceil(connections / 5);
  const stalled = Math.ceil(readers / 10);
  say(`${stalled} of ${readers} readers stall`);
  return measureStalled(scene, {
    jobs: BUSY_JOBS,
    readers,
    stalled,
    perJobPerSecond: MOST_PER_SECOND,
    seconds: seconds(10),
    rounds,
  });
}
