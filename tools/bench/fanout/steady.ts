import { median } from '../statistics.ts';
import type { BareLoop } from './bare/bare-loop.ts';
import type { Pace } from './evenly.ts';
import {
  type Audience,
  type FanoutGateway,
  type FanoutScene,
  usageOf,
  withAudience,
} from './fanout-scene.ts';
import { observe } from './observe.ts';
import { percentileOf } from './reading/latency-histogram.ts';
import type { Readers } from './reading/readers.ts';

export interface SteadyLoad extends Pace {
  jobs: number;
  readersEach: number;
  rounds: number;
}

export interface SteadyResult extends SteadyLoad, Arrivals {
  /** What the gateway has more than before anybody came, for each. */
  memory: { connectedKiB: number; afterTrafficKiB: number };
}

/** Medians of the rounds. */
interface Arrivals {
  /** From publish to the arrival of the frame. */
  p50Ms: number;
  p99Ms: number;
  /** Frames that came, over those that were published times those who watch; below 1 where readers were behind. */
  arrived: number;
  /** Of one core, while it went on. */
  cpu: number;
}

export interface BroadcastResult extends SteadyResult {
  /** The bare loop, from its `send`. */
  bare: Arrivals;
  /** The bare loop's p99 over the gateway's, and its CPU time: the medians of the pairs, and the pairs. */
  p99Ratio: number;
  p99Ratios: number[];
  cpuRatio: number;
  cpuRatios: number[];
}

/** Lets code get warm and buffers grow. */
const WARM_UP_SECONDS = 2;

/** Updates at a steady rate, each to its readers. Rejects when the last version of a job does not reach all. */
export function measureSteady(
  scene: FanoutScene,
  gateway: FanoutGateway,
  load: SteadyLoad,
): Promise<SteadyResult> {
  return withSteady(scene, gateway, load, async ({ measure, memory }) => {
    const rounds: Arrivals[] = [];
    for (let round = 0; round < load.rounds; round += 1) rounds.push(await measure());
    return { ...load, ...medianOf(rounds), memory: memory() };
  });
}

/** The same of one job that all read, and in turn with it a bare loop of `ws` at the same pace. */
export function measureBroadcast(
  scene: FanoutScene,
  { gateway, loop }: { gateway: FanoutGateway; loop: BareLoop },
  load: Omit<SteadyLoad, 'jobs'>,
): Promise<BroadcastResult> {
  const { readersEach: readers, rounds } = load;
  return withSteady(scene, gateway, { ...load, jobs: 1 }, ({ measure, memory }) =>
    withAudience(scene, loop, { readers, jobs: 1 }, async ({ readers: clients }) => {
      const send = (pace: Pace) => loop.sendEvenly(pace);
      await clients.haveAll(await send(warmUp(load)));
      const pairs: { gateway: Arrivals; bare: Arrivals }[] = [];
      for (let round = 0; round < rounds; round += 1) {
        pairs.push({
          gateway: await measure(),
          bare: await arrivals(loop.pid, clients, { ...load, jobs: 1 }, send),
        });
      }
      const ratios = (read: (one: Arrivals) => number) =>
        pairs.map(({ gateway, bare }) => read(bare) / read(gateway));
      const p99Ratios = ratios(({ p99Ms }) => p99Ms);
      const cpuRatios = ratios(({ cpu }) => cpu);
      return {
        ...load,
        jobs: 1,
        ...medianOf(pairs.map(({ gateway }) => gateway)),
        memory: memory(),
        bare: medianOf(pairs.map(({ bare }) => bare)),
        p99Ratio: median(p99Ratios),
        p99Ratios,
        cpuRatio: median(cpuRatios),
        cpuRatios,
      };
    }),
  );
}

interface Steady {
  measure(): Promise<Arrivals>;
  memory(): SteadyResult['memory'];
}

function withSteady<Result>(
  scene: FanoutScene,
  gateway: FanoutGateway,
  load: SteadyLoad,
  work: (steady: Steady) => Promise<Result>,
): Promise<Result> {
  const readers = load.jobs * load.readersEach;
  return withAudience(scene, gateway, { readers, jobs: load.jobs }, async (audience: Audience) => {
    const perReaderKiB = () => ((usageOf(gateway.pid).memoryMiB - gateway.memoryMiB) * 1024) / readers;
    const connectedKiB = perReaderKiB();
    const send = async (pace: Pace) => {
      await audience.publisher.publish(pace);
      return audience.publisher.stamps;
    };
    await audience.readers.haveAll(await send(warmUp(load)));
    return work({
      measure: () => arrivals(gateway.pid, audience.readers, load, send),
      memory: () => ({ connectedKiB, afterTrafficKiB: perReaderKiB() }),
    });
  });
}

const warmUp = ({ perJobPerSecond, seconds }: Pace): Pace => ({
  perJobPerSecond,
  seconds: Math.min(seconds, WARM_UP_SECONDS),
});

async function arrivals(
  pid: number,
  readers: Readers,
  { jobs, readersEach, perJobPerSecond, seconds }: Omit<SteadyLoad, 'rounds'>,
  send: (pace: Pace) => Promise<readonly number[]>,
): Promise<Arrivals> {
  const observed = await observe(pid, readers, () => send({ perJobPerSecond, seconds }));
  const { latency, frames, cpuSeconds } = observed;
  const updates = Math.round(jobs * perJobPerSecond * seconds);
  return {
    p50Ms: percentileOf(latency, 0.5),
    p99Ms: percentileOf(latency, 0.99),
    arrived: frames / (updates * readersEach),
    cpu: cpuSeconds / observed.seconds,
  };
}

function medianOf(rounds: readonly Arrivals[]): Arrivals {
  const of = (read: (one: Arrivals) => number) => median(rounds.map(read));
  return {
    p50Ms: of((one) => one.p50Ms),
    p99Ms: of((one) => one.p99Ms),
    arrived: of((one) => one.arrived),
    cpu: of((one) => one.cpu),
  };
}
