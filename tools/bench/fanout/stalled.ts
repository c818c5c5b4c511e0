import { median } from '../statistics.ts';
import { type Audience, type FanoutScene, usageOf, withAudience, withGateway } from './fanout-scene.ts';
import { percentileOf } from './reading/latency-histogram.ts';

export interface StalledLoad {
  jobs: number;
  readers: number;
  /** Of them: they take on all jobs, and then read nothing. */
  stalled: number;
  perJobPerSecond: number;
  seconds: number;
  rounds: number;
}

/** Medians of the rounds. */
export interface StalledResult extends StalledLoad {
  /** The peak of the gateway's memory while they stalled over that of the same time before. */
  growthMiB: number;
  /** Of those who read on, before and while. */
  p99BeforeMs: number;
  p99Ms: number;
  timesBefore: number;
  /** Overtaken versions that a stalled reader found of each job when it read on. */
  oldFramesPerJob: number;
  /** How many that stalled were cut off. */
  cutOff: number;
}

const WARM_UP_SECONDS = 2;
const LOOK_EVERY_MS = 100;

/** The same updates twice, and some readers stall at the second. Each round has a gateway of its own: memory stays. */
export async function measureStalled(scene: FanoutScene, load: StalledLoad): Promise<StalledResult> {
  const { jobs, readers, rounds } = load;
  const measured: Omit<StalledResult, keyof StalledLoad>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    measured.push(
      await withGateway(scene, readers, (gateway) =>
        withAudience(scene, gateway, { readers, jobs }, (audience) => stallSome(gateway.pid, audience, load)),
      ),
    );
  }
  const of = (read: (one: (typeof measured)[number]) => number) => median(measured.map(read));
  return {
    ...load,
    growthMiB: of((one) => one.growthMiB),
    p99BeforeMs: of((one) => one.p99BeforeMs),
    p99Ms: of((one) => one.p99Ms),
    timesBefore: of((one) => one.timesBefore),
    oldFramesPerJob: of((one) => one.oldFramesPerJob),
    cutOff: of((one) => one.cutOff),
  };
}

async function stallSome(
  pid: number,
  { readers, publisher }: Audience,
  { jobs, stalled, perJobPerSecond, seconds }: StalledLoad,
): Promise<Omit<StalledResult, keyof StalledLoad>> {
  const phase = async (forSeconds: number) => {
    await readers.clear();
    const memory = watchMemory(pid);
    await publisher.publish({ perJobPerSecond, seconds: forSeconds });
    await readers.haveAll(publisher.stamps);
    return { peakMiB: memory.peakMiB(), p99Ms: percentileOf((await readers.totals()).latency, 0.99) };
  };
  await phase(Math.min(seconds, WARM_UP_SECONDS));
  const before = await phase(seconds);
  await readers.stall(stalled);
  const during = await phase(seconds);

  await readers.clear();
  await readers.resume();
  await readers.haveAll(publisher.stamps);
  const { stalledFrames, stalledLost } = await readers.totals();
  const left = stalled - stalledLost;
  return {
    growthMiB: during.peakMiB - before.peakMiB,
    p99BeforeMs: before.p99Ms,
    p99Ms: during.p99Ms,
    timesBefore: during.p99Ms / before.p99Ms,
    oldFramesPerJob: left === 0 ? 0 : stalledFrames / (left * jobs) - 1,
    cutOff: stalledLost,
  };
}

function watchMemory(pid: number) {
  let peak = usageOf(pid).memoryMiB;
  const look = () => {
    peak = Math.max(peak, usageOf(pid).memoryMiB);
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return {
    peakMiB() {
      clearInterval(timer);
      look();
      return peak;
    },
  };
}
