import { createRandom } from '../random.ts';
import type { ServiceName } from '../stack/build-services.ts';
import { type Fault, type FaultTimes, oneOfEachKind } from './faults.ts';

/** Faults that act together, and how long it is quiet once everybody has caught up. */
export interface Round {
  faults: readonly { fault: Fault; afterMs: number }[];
  quietMs: number;
}

export interface ScheduleOptions {
  seed: number;
  times: FaultTimes;
  replicas: Readonly<Record<ServiceName, number>>;
  quietMs: readonly [min: number, max: number];
  /** Faults of one round at most. */
  overlap: number;
}

/** Rounds without end: each kind of fault occurs once before any occurs again. */
export function* schedule({ seed, times, replicas, quietMs, overlap }: ScheduleOptions): Generator<Round> {
  for (let cycle = 1; ; cycle += 1) {
    const random = createRandom(seed, 'nemesis', cycle);
    let left = random.shuffled(oneOfEachKind(random, { times, replicas }));
    while (left.length > 0) {
      const count = random.int(1, overlap);
      // Two of one kind would undo each other.
      const together = left.filter(
        (fault, index) => left.findIndex(({ kind }) => kind === fault.kind) === index,
      );
      const faults = together.slice(0, count);
      left = left.filter((fault) => !faults.includes(fault));
      yield {
        faults: faults.map((fault, index) => ({
          fault,
          afterMs: index === 0 ? 0 : random.int(0, Math.max(500, faults[0]?.holdMs ?? 0)),
        })),
        quietMs: random.int(...quietMs),
      };
    }
  }
}

/** The rounds of one cycle: every kind once. */
export function oneCycle(options: ScheduleOptions): Round[] {
  const random = createRandom(options.seed, 'nemesis', 1);
  const count = oneOfEachKind(random, options).length;
  const rounds: Round[] = [];
  let faults = 0;
  for (const round of schedule(options)) {
    rounds.push(round);
    faults += round.faults.length;
    if (faults >= count) break;
  }
  return rounds;
}
