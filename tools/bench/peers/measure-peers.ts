import { type InstallLog, installRedisServer } from '@progeny/infra';
import { cpuOf, summarizeUsages } from '../measure/process-cost.ts';
import { within } from '../measure/within.ts';
import { median } from '../statistics.ts';
import { startBullmq } from './bullmq.ts';
import type { Contestant, ContestantRun, Setting } from './contestant.ts';
import { startGraphileWorker } from './graphile-worker.ts';
import { startPgBoss } from './pg-boss.ts';
import { startProgeny } from './progeny.ts';

export interface PeerOptions {
  children: number;
  rounds: number;
  /** How many of each contestant's settings are tried before the rounds; with one there is no trial. */
  settingsTried: number;
}

export interface PeerResult {
  name: string;
  setting: Setting;
  /** Medians of the rounds. */
  childrenPerSecond: number;
  addedPerSecond: number;
  /** Of all its processes, for 50,000 children; null where the system does not tell. */
  cpuSecondsPer50k: number | null;
  reads: number;
  /** The median of our rate over its rate, round by round. */
  ratio: number;
  rounds: number[];
}

export class RedisMissingError extends Error {
  readonly code = 'redis_missing';

  constructor(reason: string) {
    super(
      `redis-server is missing: ${reason}.\nInstall it with "apt-get install redis-server", so that it is on PATH.`,
    );
    this.name = 'RedisMissingError';
  }
}

/** Far beyond what a run takes on a busy machine: one that never counts all its children never ends. */
const RUN_PATIENCE_MS = 600_000;

/** We come first: the ratios are ours to each. */
const STARTS = [
  startProgeny,
  () => startBullmq('snapshots, its default'),
  () => startBullmq('appendonly, fsync every second'),
  startPgBoss,
  startGraphileWorker,
];

/**
 * The same number of children through each system in turn, and that again each round, so that what else the machine
 * does hits all alike. Rejects with RedisMissingError, and when a system does not count all children.
 */
export async function measurePeers(
  { children, rounds, settingsTried }: PeerOptions,
  log: InstallLog,
): Promise<PeerResult[]> {
  const redis = await installRedisServer({ log });
  if (redis.path === null) throw new RedisMissingError(redis.reason);
  const contestants: Contestant[] = [];
  try {
    for (const start of STARTS) contestants.push(await start());
    const settings = new Map<Contestant, Setting>();
    for (const contestant of contestants) {
      settings.set(contestant, await bestSetting(contestant, { children, settingsTried }));
    }
    const runs = new Map<Contestant, ContestantRun[]>(contestants.map((one) => [one, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const [contestant, done] of runs) {
        log.info({}, `round ${round + 1}: ${contestant.name}`);
        done.push(await runOne(contestant, { children, setting: settings.get(contestant) ?? {} }));
        await contestant.tidy();
      }
    }
    return summarize(children, { runs, settings });
  } finally {
    for (const contestant of contestants.reverse()) await contestant.stop();
  }
}

const runOne = (
  contestant: Contestant,
  { children, setting }: { children: number; setting: Setting },
): Promise<ContestantRun> =>
  within(contestant.run(children, setting), {
    ms: RUN_PATIENCE_MS,
    what: () => `${contestant.name} has not ended`,
  });

/** Each is tried with half the children; also its warm-up. */
async function bestSetting(
  contestant: Contestant,
  { children, settingsTried }: Pick<PeerOptions, 'children' | 'settingsTried'>,
): Promise<Setting> {
  const [first = {}, ...others] = contestant.settings.slice(0, settingsTried);
  let best = { setting: first, runSeconds: Number.POSITIVE_INFINITY };
  if (others.length === 0) return first;
  for (const setting of [first, ...others]) {
    const { runSeconds } = await runOne(contestant, { children: Math.ceil(children / 2), setting });
    await contestant.tidy();
    if (runSeconds < best.runSeconds) best = { setting, runSeconds };
  }
  return best.setting;
}

function summarize(
  children: number,
  {
    runs,
    settings,
  }: { runs: ReadonlyMap<Contestant, ContestantRun[]>; settings: ReadonlyMap<Contestant, Setting> },
): PeerResult[] {
  const [ours = []] = [...runs.values()];
  return [...runs].map(([contestant, done]) => {
    const of = (read: (run: ContestantRun) => number) => median(done.map(read));
    const costs = summarizeUsages(
      done.map(({ usages }) => usages),
      children,
    );
    return {
      name: contestant.name,
      setting: settings.get(contestant) ?? {},
      childrenPerSecond: Math.round(children / of(({ runSeconds }) => runSeconds)),
      addedPerSecond: Math.round(children / of(({ addSeconds }) => addSeconds)),
      cpuSecondsPer50k: cpuOf(costs),
      reads: of(({ reads }) => reads),
      ratio: round2(
        median(done.map(({ runSeconds }, round) => runSeconds / (ours[round]?.runSeconds ?? Number.NaN))),
      ),
      rounds: done.map(({ runSeconds }) => Math.round(children / runSeconds)),
    };
  });
}

const round2 = (value: number) => Math.round(value * 100) / 100;
