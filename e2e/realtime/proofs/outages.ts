import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../../faults/random.ts';
import type { Replica } from '../../faults/stack/replica.ts';
import type { Finding } from '../finding.ts';
import { sumOfMetric } from '../metrics.ts';
import { type Scene, socketUrlOf } from '../scene.ts';
import { createWatcher, type Watcher } from '../watching/watcher.ts';
import { allSubscribed, allWithin } from '../watching/watchers.ts';

export interface OutageLoad {
  watchers: number;
  jobs: number;
  /** At least so long; it ends when everything was seen that had to be. */
  awayMs: number;
}
export interface BusOutageLoad extends OutageLoad {
  pollMs: number;
  /** From a change in the ledger to everybody who watches it. */
  shownWithinMs: number;
}

const CHANGES = 2;
const WITHIN_MS = 30_000;
const READY_WITHIN_MS = 60_000;

/** NATS is away: viewers get what stands in the ledger by the poll. */
export async function proveBusOutage(scene: Scene, load: BusOutageLoad): Promise<Finding> {
  const { feed, stack, withGateways } = scene;
  const batch = await feed.create({ jobs: load.jobs, children: CHANGES + 2 });
  await batch.begin();
  return withGateways({ count: 2, env: { POLL_INTERVAL_MS: String(load.pollMs) } }, async (gateways) => {
    const { watchers, seeLatest, close, faults } = await openWatchers(scene, gateways, {
      ...load,
      jobIds: batch.jobIds,
    });
    try {
      const before = await sumOfMetric(gateways, 'backstop_delivered_total');
      const endsMs = Date.now() + load.awayMs;
      await stack.nats.stop();
      let slowestMs = 0;
      for (let change = 0; change < CHANGES; change += 1) {
        const changedMs = Date.now();
        await batch.step();
        if (!(await seeLatest(load.shownWithinMs))) faults.push(`change ${change + 1} was not shown in time`);
        slowestMs = Math.max(slowestMs, Date.now() - changedMs);
      }
      const delivered = (await sumOfMetric(gateways, 'backstop_delivered_total')) - before;
      const owed = CHANGES * load.jobs * gateways.length;
      if (delivered < owed) faults.push(`backstop_delivered_total rose by ${delivered}, and not by ${owed}`);
      await delay(Math.max(0, endsMs - Date.now()));
      await stack.nats.start();
      await feed.connected();
      await Promise.all(gateways.map((gateway) => gateway.ready(READY_WITHIN_MS)));
      await batch.step();
      if (!(await seeLatest(WITHIN_MS))) faults.push('nothing is shown after NATS is back');
      faults.push(...faultsOf(watchers));
      return {
        name: 'NATS away',
        faults,
        numbers: {
          watchers: load.watchers,
          'away for, ms': Date.now() - endsMs + load.awayMs,
          'slowest change shown after, ms': slowestMs,
          'delivered by the poll': delivered,
        },
      };
    } finally {
      close();
    }
  });
}

/** PostgreSQL is away: what was folded before is still told, and whoever subscribes is asked to come again. */
export async function proveLedgerOutage(scene: Scene, load: OutageLoad): Promise<Finding> {
  const { feed, stack, seed, withGateways } = scene;
  const batch = await feed.create({ jobs: load.jobs, children: 4 });
  const other = await feed.create({ jobs: 1, children: 1 });
  await batch.begin();
  return withGateways({ count: 2 }, async (gateways) => {
    const { watchers, seeLatest, close, faults } = await openWatchers(scene, gateways, {
      ...load,
      jobIds: batch.jobIds,
    });
    const seen = (version: number, jobId: string) =>
      allWithin(
        watchers.map((watcher) =>
          watcher.when(() => (watcher.record.known.get(jobId)?.progress?.version ?? 0) >= version),
        ),
        WITHIN_MS,
      );
    /** Committed by an executor that has not told of it when the database goes. */
    const untold = [await batch.step({ isTold: false }), await batch.step({ isTold: false })];
    const late = createWatcher({
      name: 'who comes late',
      urls: () => gateways.map(socketUrlOf),
      jobIds: other.jobIds,
      random: createRandom(seed, 'late'),
    });
    try {
      if (!(await allSubscribed([late], WITHIN_MS))) faults.push('a late one could not subscribe before');
      const endsMs = Date.now() + load.awayMs;
      await stack.postgres.stop();
      late.cut(0);
      if (!(await allWithin([late.when(() => late.refusals > 0)], WITHIN_MS))) {
        faults.push('who comes late is not asked to try again');
      }
      let shown = 0;
      for (const folds of untold) {
        for (const fold of folds) feed.publish(fold);
        for (const { progress } of folds) {
          if (await seen(progress.version, progress.job_id)) shown += 1;
          else faults.push('an update was not shown while the database was away');
        }
      }
      const refusals = late.refusals;
      if (!(await allWithin([late.when(() => late.refusals > refusals)], WITHIN_MS)))
        faults.push('refused but once');
      await delay(Math.max(0, endsMs - Date.now()));
      const awayMs = Date.now() - endsMs + load.awayMs;
      await stack.postgres.start();
      if (!(await allSubscribed([late], WITHIN_MS))) faults.push('a late one cannot subscribe after');
      await batch.step();
      if (!(await seeLatest(WITHIN_MS))) faults.push('nothing is shown after the database is back');
      faults.push(...faultsOf(watchers), ...late.record.faults);
      if (late.closes.length > 0) faults.push(`the socket of the late one was closed: ${late.closes.join()}`);
      return {
        name: 'PostgreSQL away',
        faults,
        numbers: {
          watchers: load.watchers,
          'away for, ms': awayMs,
          'updates shown meanwhile': shown,
          'refused, to be tried again': late.refusals,
        },
      };
    } finally {
      late.close();
      close();
    }
  });
}

async function openWatchers(
  { feed, seed }: Scene,
  gateways: readonly Replica[],
  { watchers: count, jobIds }: { watchers: number; jobIds: readonly string[] },
) {
  const watchers = Array.from({ length: count }, (_, index) =>
    createWatcher({
      name: `watcher ${index}`,
      urls: () => gateways.map(socketUrlOf),
      jobIds,
      random: createRandom(seed, 'outage', index),
    }),
  );
  const faults: string[] = [];
  if (!(await allSubscribed(watchers, WITHIN_MS))) faults.push('not everybody could subscribe');
  const hasLatest = ({ record }: Watcher) =>
    jobIds.every((jobId) => record.known.get(jobId)?.progress?.version === feed.latest(jobId).version);
  return {
    watchers,
    faults,
    seeLatest: (withinMs: number) =>
      allWithin(
        watchers.map((watcher) => watcher.when(() => hasLatest(watcher))),
        withinMs,
      ),
    close() {
      for (const watcher of watchers) watcher.close();
    },
  };
}

const faultsOf = (watchers: readonly Watcher[]): string[] =>
  watchers.flatMap(({ record, closes }) => [
    ...record.faults,
    ...(closes.length > 0 ? [`a socket was closed: ${closes.join()}`] : []),
  ]);
