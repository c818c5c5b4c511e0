import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'pg';
import { createRandom, type Random } from '../../faults/random.ts';
import type { Replica } from '../../faults/stack/replica.ts';
import type { Batch, Outcome } from '../feed.ts';
import type { Finding } from '../finding.ts';
import { type Scene, socketUrlOf } from '../scene.ts';
import { createUser, type User } from '../watching/user.ts';
import { createWatcher, type Watcher } from '../watching/watcher.ts';
import { allSubscribed, allWithin, differences, isUpToDate, readTruth } from '../watching/watchers.ts';

export interface LifecycleLoad {
  /** Over a bare socket. */
  watchers: number;
  /** With `@progeny/client`. */
  users: number;
  jobs: number;
  jobsEach: number;
  /** From one step of a batch to the next, while somebody disturbs. */
  pauseMaxMs: number;
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
/** From one kill to the next, beside the time to start again. */
const KILL_PAUSE_MAX_MS = 1_500;
/** So few live at a time that some are left for as long as it lasts. */
const BATCHES_AFTER_ONE_ANOTHER = 6;

/** Every lifecycle event exactly once, while one gateway after the other is killed. */
export const proveKills = (scene: Scene, load: Kills): Promise<Finding> =>
  proveLifecycle(scene, `${load.kills} gateways killed`, load, async ({ gateways, random }) => {
    for (let kill = 0; kill < load.kills; kill += 1) {
      await killOne(random.pick(gateways));
      await delay(random.int(0, KILL_PAUSE_MAX_MS));
    }
  });

/** The same while every socket is cut again and again. */
export const proveCuts = (scene: Scene, load: Cuts): Promise<Finding> =>
  proveLifecycle(
    scene,
    `sockets cut every ${load.cutEveryMs / 1_000} s`,
    load,
    async ({ watchers, users, random }) => {
      const { cutEveryMs, awayMs, forMs } = load;
      const untilMs = Date.now() + forMs;
      const cutAgain = async (one: Pick<Watcher, 'cut'>) => {
        await delay(random.int(0, cutEveryMs));
        while (Date.now() < untilMs) {
          one.cut(awayMs);
          await delay(cutEveryMs);
        }
      };
      await Promise.all([...watchers, ...users].map(cutAgain));
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
  users: readonly User[];
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
    const urls = () => gateways.map(socketUrlOf);
    const partsOf = (who: string) => {
      const own = createRandom(seed, name, who);
      return { name: who, urls, jobIds: own.shuffled(jobIds).slice(0, load.jobsEach), random: own };
    };
    const watched = Array.from({ length: load.watchers }, (_, index) => {
      const parts = partsOf(`watcher ${index}`);
      return { mine: parts.jobIds, one: createWatcher(parts) };
    });
    const used = Array.from({ length: load.users }, (_, index) => {
      const parts = partsOf(`user ${index}`);
      return { mine: parts.jobIds, one: createUser(parts) };
    });
    const all = [...watched, ...used];
    const watchers = watched.map(({ one }) => one);
    const users = used.map(({ one }) => one);
    const pool = new Pool({ connectionString: stack.databaseUrl, max: 1 });
    try {
      const faults: string[] = [];
      const begun = used.map(({ one, mine }) =>
        one.when(() => mine.every((jobId) => one.record.known.get(jobId)?.progress)),
      );
      const isBegun = await Promise.all([
        allSubscribed(watchers, SUBSCRIBED_WITHIN_MS),
        allWithin(begun, SUBSCRIBED_WITHIN_MS),
      ]);
      if (isBegun.includes(false)) faults.push('not everybody could subscribe');
      await liveWhile(disturb({ gateways, watchers, users, random }), batches, {
        random,
        pauseMaxMs: load.pauseMaxMs,
      });
      const truth = await readTruth(pool, jobIds);
      const startedMs = Date.now();
      const upToDate = all.map(({ one, mine }) => one.when(() => isUpToDate(one, mine, truth)));
      const isInTime = await allWithin(upToDate, CONVERGED_WITHIN_MS);
      const convergedMs = Date.now() - startedMs;
      if (!isInTime) faults.push('not everybody saw the end in time');
      for (const { one } of all) one.close();
      for (const { one, mine } of all) faults.push(...one.record.faults, ...differences(one, mine, truth));
      const sum = (read: (watcher: Watcher) => number) =>
        watchers.reduce((total, watcher) => total + read(watcher), 0);
      return {
        name,
        faults,
        numbers: {
          'watchers on bare sockets': load.watchers,
          'users of @progeny/client': load.users,
          connections: sum(({ connections }) => connections),
          'lifecycle events': sum(({ record }) =>
            [...record.known.values()].reduce((total, { lifecycle }) => total + lifecycle.length, 0),
          ),
          frames: sum(({ frames }) => frames),
          'all up to date after, ms': convergedMs,
        },
      };
    } finally {
      for (const { one } of all) one.close();
      await pool.end();
    }
  });
}

/** Batches begin, go on and end at moments of their own; the last of them end when the disturbance has. */
async function liveWhile(
  disturbance: Promise<void>,
  batches: readonly Batch[],
  { random, pauseMaxMs }: { random: Random; pauseMaxMs: number },
): Promise<void> {
  const waiting = random.shuffled(batches);
  let isDisturbed = true;
  const disturbed = disturbance.finally(() => {
    isDisturbed = false;
  });
  const pause = () => (isDisturbed ? delay(random.int(0, pauseMaxMs)) : Promise.resolve());
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
  const atOnce = Math.max(1, Math.ceil(batches.length / BATCHES_AFTER_ONE_ANOTHER));
  const liveOn = async () => {
    for (let batch = waiting.pop(); batch; batch = waiting.pop()) await liveOne(batch);
  };
  await Promise.all([disturbed, ...Array.from({ length: atOnce }, liveOn)]);
}
