import { median } from '../statistics.ts';
import type { BareLoop } from './bare/bare-loop.ts';
import { type Audience, type FanoutGateway, type FanoutScene, withAudience } from './fanout-scene.ts';
import { observe } from './observe.ts';
import type { Readers } from './reading/readers.ts';

export interface SaturationLoad {
  jobs: number;
  readers: number;
  /** Jobs that each reader watches. */
  jobsEach: number;
  perJobPerSecond: number;
  seconds: number;
  rounds: number;
}

/** What it took to bring frames to all readers. */
export interface Throughput {
  framesPerSecond: number;
  /** Of the server's process. */
  cpuSecondsPerMillion: number;
}

export interface SaturationResult extends SaturationLoad {
  /** Medians of the rounds. */
  gateway: Throughput;
  bare: Throughput;
  /** How much of what was published was sent; the rest had been overtaken by newer versions. */
  share: number;
  /** Pings that came with a hundred frames. */
  pingsPerHundred: number;
  /** Of frames for a CPU second, the gateway's over the bare loop's: the median of the pairs, and the pairs. */
  cpuRatio: number;
  cpuRatios: number[];
  /** The same of frames for a second of time, in which readers, NATS and publisher have the same cores. */
  wallRatio: number;
  wallRatios: number[];
}

const WARM_UP_SECONDS = 2;

/**
 * As many updates as the gateway may send, and more than it can; then the same number of frames of the same bytes
 * from a bare loop of `ws` to clients of the same processes. In turn, so that whatever else happens hits both.
 */
export function measureSaturation(
  scene: FanoutScene,
  { gateway, loop }: { gateway: FanoutGateway; loop: BareLoop },
  load: SaturationLoad,
): Promise<SaturationResult> {
  const { readers, jobsEach, perJobPerSecond, seconds, rounds } = load;
  const measureBoth = async (audience: Audience, clients: Readers) => {
    const measure = async (pid: number, by: Readers, send: () => Promise<readonly number[]>) => {
      const { frames, pings, lastMs, fromMs, cpuSeconds } = await observe(pid, by, send);
      return {
        frames,
        pings,
        framesPerSecond: frames / ((lastMs - fromMs) / 1000),
        cpuSecondsPerMillion: (cpuSeconds / frames) * 1e6,
      };
    };
    const runGateway = (forSeconds: number) =>
      measure(gateway.pid, audience.readers, async () => {
        await audience.publisher.publish({ perJobPerSecond, seconds: forSeconds });
        return audience.publisher.stamps;
      });
    const runBare = (frames: number) =>
      measure(loop.pid, clients, () => loop.send(Math.max(1, Math.round(frames / (readers * jobsEach)))));

    const warm = await runGateway(Math.min(seconds, WARM_UP_SECONDS));
    await runBare(warm.frames);
    const pairs: Pair[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const byGateway = await runGateway(seconds);
      pairs.push({ gateway: byGateway, bare: await runBare(byGateway.frames) });
    }
    return { ...load, ...summarize(pairs, readers * jobsEach * perJobPerSecond * seconds) };
  };
  return withAudience(scene, gateway, load, (audience) =>
    withAudience(scene, loop, load, ({ readers: clients }) => measureBoth(audience, clients)),
  );
}

interface Measured extends Throughput {
  frames: number;
  pings: number;
}
interface Pair {
  gateway: Measured;
  bare: Measured;
}

function summarize(pairs: readonly Pair[], published: number): Omit<SaturationResult, keyof SaturationLoad> {
  const of = (read: (pair: Pair) => number) => median(pairs.map(read));
  const throughput = (which: keyof Pair): Throughput => ({
    framesPerSecond: Math.round(of((pair) => pair[which].framesPerSecond)),
    cpuSecondsPerMillion: of((pair) => pair[which].cpuSecondsPerMillion),
  });
  const cpuRatios = pairs.map(
    ({ gateway, bare }) => bare.cpuSecondsPerMillion / gateway.cpuSecondsPerMillion,
  );
  const wallRatios = pairs.map(({ gateway, bare }) => gateway.framesPerSecond / bare.framesPerSecond);
  return {
    gateway: throughput('gateway'),
    bare: throughput('bare'),
    share: of(({ gateway }) => gateway.frames) / published,
    pingsPerHundred: of(({ gateway }) => (100 * gateway.pings) / gateway.frames),
    cpuRatio: median(cpuRatios),
    cpuRatios,
    wallRatio: median(wallRatios),
    wallRatios,
  };
}
