import { median } from '../statistics.ts';
import { type FanoutGateway, type FanoutScene, usageOf, withAudience } from './fanout-scene.ts';
import { percentileOf } from './reading/latency-histogram.ts';

export interface SteadyLoad {
  jobs: number;
  readersEach: number;
  perJobPerSecond: number;
  seconds: number;
  rounds: number;
}

export interface SteadyResult extends SteadyLoad {
  /** From publish to the arrival of the frame; medians of the rounds. */
  p50Ms: number;
  p99Ms: number;
  /** Frames that came, over those that were published times those who watch; below 1 where readers were behind. */
  arrived: number;
  /** Of one core, while it went on. */
  gatewayCpu: number;
  /** What the gateway has more than before the first of them came, for each. */
  memory: { connectedKiB: number; afterTrafficKiB: number };
}

/** Lets code get warm and buffers grow. */
const WARM_UP_SECONDS = 2;

/** Updates at a steady rate, each to its readers. Rejects when the last version of a job does not reach all. */
export function measureSteady(
  scene: FanoutScene,
  gateway: FanoutGateway,
  load: SteadyLoad,
): Promise<SteadyResult> {
  const { jobs, readersEach, perJobPerSecond, seconds, rounds } = load;
  const readers = jobs * readersEach;
  return withAudience(scene, gateway, { readers, jobs }, async (audience) => {
    const perReaderKiB = () => ((usageOf(gateway.pid).memoryMiB - gateway.memoryMiB) * 1024) / readers;
    const connectedKiB = perReaderKiB();
    await audience.publisher.publish({ perJobPerSecond, seconds: Math.min(seconds, WARM_UP_SECONDS) });
    await audience.readers.haveAll(audience.publisher.stamps);
    const measured: { p50Ms: number; p99Ms: number; arrived: number; cpu: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await audience.readers.clear();
      const before = usageOf(gateway.pid).cpuSeconds;
      const fromMs = performance.now();
      const updates = await audience.publisher.publish({ perJobPerSecond, seconds });
      await audience.readers.haveAll(audience.publisher.stamps);
      const cpu = (usageOf(gateway.pid).cpuSeconds - before) / ((performance.now() - fromMs) / 1000);
      const { latencies, frames } = await audience.readers.totals();
      measured.push({
        p50Ms: percentileOf(latencies, 0.5),
        p99Ms: percentileOf(latencies, 0.99),
        arrived: frames / (updates * readersEach),
        cpu,
      });
    }
    const of = (read: (one: (typeof measured)[number]) => number) => median(measured.map(read));
    return {
      ...load,
      p50Ms: of((one) => one.p50Ms),
      p99Ms: of((one) => one.p99Ms),
      arrived: of((one) => one.arrived),
      gatewayCpu: of((one) => one.cpu),
      memory: { connectedKiB, afterTrafficKiB: perReaderKiB() },
    };
  });
}
