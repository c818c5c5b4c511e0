import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../../faults/random.ts';
import type { Mutation } from '../../faults/stack/mutation.ts';
import type { Feed } from '../feed.ts';
import type { Finding } from '../finding.ts';
import { type Scene, socketUrlOf } from '../scene.ts';
import { createWatcher, type Watcher } from '../watching/watcher.ts';
import { allSubscribed, allWithin } from '../watching/watchers.ts';

export interface PausedLoad {
  jobs: number;
  /** Of each job ten a second, which is what the gateway lets through. */
  updatesPerJob: number;
}

/** A gateway that gives everybody endless credit. */
export const WITHOUT_CREDIT: Mutation = {
  file: 'apps/ws-gateway/src/transport/credit.ts',
  find: 'return this.#flushes >= LIMITS.unansweredFlushes;',
  replace: 'return false;',
};

const UPDATE_EVERY_MS = 100;
const OLD_FRAMES_MAX = 2;
const WITHIN_MS = 60_000;
/** The pause is longer than a reader may be silent. */
const ENV = { PONG_TIMEOUT_MS: '3600000', HEARTBEAT_INTERVAL_MS: '15000' };

/** A reader that slept finds the present, and two old frames of a job at most; without credit it finds all of them. */
export async function provePaused(scene: Scene, { jobs, updatesPerJob }: PausedLoad): Promise<Finding> {
  const { feed, withGateways, seed } = scene;
  const batch = await feed.create({ jobs, children: 1 });
  const { jobIds } = batch;
  return withGateways({ count: 1, env: ENV }, (sound) =>
    withGateways({ count: 1, env: ENV, mutation: WITHOUT_CREDIT }, async (broken) => {
      const readers = [...sound, ...broken].map((gateway, at) => createReader(at, socketUrlOf(gateway)));
      function createReader(at: number, url: string) {
        const old = new Map<string, number>();
        let present: ReadonlyMap<string, number> | null = null;
        const watcher = createWatcher({
          name: at === 0 ? 'reader with credit' : 'reader without',
          urls: () => [url],
          jobIds,
          random: createRandom(seed, 'paused', at),
          onProgress(jobId, version) {
            if (present && version < (present.get(jobId) ?? 0)) old.set(jobId, (old.get(jobId) ?? 0) + 1);
          },
        });
        return {
          watcher,
          old,
          wake(versions: ReadonlyMap<string, number>) {
            present = versions;
            watcher.resume();
          },
        };
      }
      const faults: string[] = [];
      const watchers = readers.map(({ watcher }) => watcher);
      try {
        if (!(await allSubscribed(watchers, WITHIN_MS))) faults.push('a reader could not subscribe');
        for (const jobId of jobIds) feed.publishNext(jobId);
        if (!(await haveLatest(watchers, feed, jobIds)))
          faults.push('a reader lacks what was told before it slept');
        const [asleep] = [watchers.map(({ frames }) => frames)];
        for (const watcher of watchers) watcher.pause();
        const startedMs = Date.now();
        for (let update = 1; update <= updatesPerJob; update += 1) {
          for (const jobId of jobIds) feed.publishNext(jobId);
          await delay(Math.max(0, startedMs + update * UPDATE_EVERY_MS - Date.now()));
        }
        const versions = new Map(jobIds.map((jobId) => [jobId, feed.latest(jobId).version]));
        const pausedMs = Date.now() - startedMs;
        for (const { wake } of readers) wake(versions);
        if (!(await haveLatest(watchers, feed, jobIds))) faults.push('a reader did not get to the present');
        const [withCredit, without] = readers.map(({ old }) => old);
        const most = Math.max(0, ...(withCredit?.values() ?? []));
        const endless = sumOf(without);
        if (most > OLD_FRAMES_MAX) faults.push(`${most} old frames of one job`);
        // Otherwise nothing would be shown: what is conflated on the way is all that may be missing.
        if (endless < (jobs * updatesPerJob) / 4) faults.push(`only ${endless} old frames without credit`);
        faults.push(...watchers.flatMap(({ record, closes }) => [...record.faults, ...closes.map(String)]));
        return {
          name: 'a reader paused',
          faults,
          numbers: {
            jobs,
            'paused for, ms': pausedMs,
            'updates that passed': jobs * updatesPerJob,
            'old frames found': sumOf(withCredit),
            'of one job at most': most,
            'old frames found without credit': endless,
            'frames before': asleep?.[0] ?? 0,
          },
        };
      } finally {
        for (const watcher of watchers) watcher.close();
      }
    }),
  );
}

const sumOf = (counts: ReadonlyMap<string, number> | undefined): number =>
  [...(counts?.values() ?? [])].reduce((sum, count) => sum + count, 0);

const haveLatest = (watchers: readonly Watcher[], feed: Feed, jobIds: readonly string[]): Promise<boolean> =>
  allWithin(
    watchers.map((watcher) =>
      watcher.when(() =>
        jobIds.every(
          (jobId) => watcher.record.known.get(jobId)?.progress?.version === feed.latest(jobId).version,
        ),
      ),
    ),
    WITHIN_MS,
  );
