import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'pg';
import { createRandom, type Random } from '../../faults/random.ts';
import type { Replica } from '../../faults/stack/replica.ts';
import type { Batch, Outcome } from '../feed.ts';
import type { Finding } from '../finding.ts';
import { type Scene, socketUrlOf } from '../scene.ts';
import { createWatcher, type Watcher } from '../watching/watcher.ts';
import { allSubscribed, allWithin, differences, isUpToDate, readTruth } from '../watching/watchers.ts';

export interface LifecycleLoad {
  watchers: number;
  jobs: number;
  jobsEach: number;
}
export type Kills = LifecycleLoad & { kills: number };
export type Cuts = LifecycleLoad & { forMs: number; cutEveryMs: number; awayMs: number };

const JOBS_PER_BATCH = 10;
const CHILDREN = 4;
const OUTCOMES: readonly Outcome[] = ['completed', 'failed', 'cancelled'];
const SUBSCRIBED_WITHIN_MS = 60_000;
/** What the documents promise. */
const CONVERGED_WITHIN_MS = 31_000;
const READY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 20;
/** From one step of a batch to the next, while somebody disturbs. */
const PAUSE_MAX_MS = 1_500;

/** Every lifecycle event exactly once, while one gateway after the other is killed. */
export const proveKills = (scene: Scene, load: Kills): Promise<Finding> =>
  proveLifecycle(scene, `${load.kills} gateways killed`, load, async ({ gateways, random }) => {
    for (let kill = 0; kill < load.kills; kill += 1) {
      await killOne(random.pick(gateways));
      await delay(random.int(0, PAUSE_MAX_MS));
    }
  });

/** The same while every socket is cut again and again. */
export const proveCuts = (scene: Scene, load: Cuts): Promise<Finding> =>
  proveLifecycle(
    scene,
    `sockets cut every ${load.cutEveryMs / 1_000} s`,
    load,
    async ({ watchers, random }) => {
      const { cutEveryMs, awayMs, forMs } = load;
      const untilMs = Date.now() + forMs;
      const cutAgain = async (watcher: Watcher) => {
        await delay(random.int(0, cutEveryMs));
        while (Date.now() < untilMs) {
          watcher.cut(awayMs);
          await delay(cutEveryMs);
        }
      };
      await Promise.all(watchers.map(cutAgain));
    },
  );

async function killOne(gateway: Replica): Promise<void> {
  const { pid } = gateway;
  gateway.kill();
  while (gateway.pid === pid) await delay(LOOK_EVERY_MS); // nobody tells that it was started again
  await gateway.ready(READY_WITHIN_MS);
}

interface Disturbed {
  gateways: readonly Replica[];
  watchers: readonly Watcher[];
  random: Random;
}

async function proveLifecycle(
  { feed, stack, seed, withGateways }: Scene,
  name: string,
  load: LifecycleLoad,
  disturb: (disturbed: Disturbed) => Promise<void>,
): Promise<Finding> {
  const random = createRandom(seed, name);
  const batches: Batch[] = [];
  for (let made = 0; made < load.jobs; made += JOBS_PER_BATCH) {
    batches.push(await feed.create({ jobs: JOBS_PER_BATCH, children: CHILDREN }));
  }
  const jobIds = batches.flatMap((batch) => batch.jobIds);
  return withGateways({ count: 2 }, async (gateways) => {
    const watched = Array.from({ length: load.watchers }, (_, index) => {
      const own = createRandom(seed, name, index);
      const mine = own.shuffled(jobIds).slice(0, load.jobsEach);
      const urls = () => gateways.map(socketUrlOf);
      return { mine, watcher: createWatcher({ name: `watcher ${index}`, urls, jobIds: mine, random: own }) };
    });
    const watchers = watched.map(({ watcher }) => watcher);
    const pool = new Pool({ connectionString: stack.databaseUrl, max: 1 });
    try {
      const faults: string[] = [];
      if (!(await allSubscribed(watchers, SUBSCRIBED_WITHIN_MS)))
        faults.push('not everybody could subscribe');
      await liveWhile(disturb({ gateways, watchers, random }), batches, random);
      const truth = await readTruth(pool, jobIds);
      const startedMs = Date.now();
      const upToDate = watched.map(({ watcher, mine }) =>
        watcher.when(() => isUpToDate(watcher, mine, truth)),
      );
      const isInTime = await allWithin(upToDate, CONVERGED_WITHIN_MS);
      const convergedMs = Date.now() - startedMs;
      if (!isInTime) faults.push('not everybody saw the end in time');
      for (const { watcher, mine } of watched) {
        faults.push(...watcher.record.faults, ...differences(watcher, mine, truth));
      }
      const sum = (read: (watcher: Watcher) => number) => watchers.reduce((all, one) => all + read(one), 0);
      return {
        name,
        faults,
        numbers: {
          watchers: load.watchers,
          connections: sum(({ connections }) => connections),
          'lifecycle events': sum(({ record }) =>
            [...record.known.values()].reduce((all, { lifecycle }) => all + lifecycle.length, 0),
          ),
          'of them again, dropped': sum(({ record }) => record.duplicates),
          frames: sum(({ frames }) => frames),
          'all up to date after, ms': convergedMs,
        },
      };
    } finally {
      for (const watcher of watchers) watcher.close();
      await pool.end();
    }
  });
}

/** Batches begin, go on and end at moments of their own; the last of them end when the disturbance has. */
async function liveWhile(
  disturbance: Promise<void>,
  batches: readonly Batch[],
  random: Random,
): Promise<void> {
  const waiting = random.shuffled(batches);
  let isDisturbed = true;
  const disturbed = disturbance.finally(() => {
    isDisturbed = false;
  });
  const pause = () => (isDisturbed ? delay(random.int(0, PAUSE_MAX_MS)) : Promise.resolve());
  const liveOne = async (batch: Batch) => {
    await pause();
    await batch.begin();
    for (let step = random.int(1, CHILDREN - 1); step > 0; step -= 1) {
      await pause();
      await batch.step();
    }
    await pause();
    await batch.end(random.pick(OUTCOMES));
  };
  // So few at a time that some are left for as long as it lasts.
  const atOnce = Math.max(1, Math.ceil(batches.length / BATCHES_AFTER_ONE_ANOTHER));
  const liveOn = async () => {
    for (let batch = waiting.pop(); batch; batch = waiting.pop()) await liveOne(batch);
  };
  await Promise.all([disturbed, ...Array.from({ length: atOnce }, liveOn)]);
}
const BATCHES_AFTER_ONE_ANOTHER = 6;
