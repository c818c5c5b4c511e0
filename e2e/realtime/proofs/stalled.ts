import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../../faults/random.ts';
import type { Finding } from '../finding.ts';
import { sumOfMetric } from '../metrics.ts';
import { type Scene, socketUrlOf } from '../scene.ts';
import { createWatcher, type Watcher } from '../watching/watcher.ts';
import { allSubscribed, allWithin } from '../watching/watchers.ts';

export interface StalledLoad {
  readers: number;
  /** Of them: they watch every job, and read nothing. */
  stalled: number;
  jobs: number;
  perJobPerSecond: number;
  seconds: number;
}

const GROWTH_MAX_MIB = 50;
const WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** Readers that stall cost no memory, and nobody else notices. How soon the others are served is for the benchmark. */
export async function proveStalled(scene: Scene, load: StalledLoad): Promise<Finding> {
  const { feed, seed, withGateways } = scene;
  const { jobIds } = await feed.create({ jobs: load.jobs, children: 1 });
  return withGateways({ count: 1 }, async ([gateway]) => {
    if (!gateway) throw new Error('a gateway was asked for');
    const faults: string[] = [];
    const jobsOf = (index: number) => (index < load.stalled ? jobIds : [jobIds[index % load.jobs] ?? '']);
    const readers = Array.from({ length: load.readers }, (_, index) =>
      createWatcher({
        name: `reader ${index}`,
        urls: () => [socketUrlOf(gateway)],
        jobIds: jobsOf(index),
        random: createRandom(seed, 'stalled', index),
      }),
    );
    const [stalled, others] = [readers.slice(0, load.stalled), readers.slice(load.stalled)];
    const haveLatest = (some: readonly Watcher[], from: number) =>
      allWithin(
        some.map((reader, index) =>
          reader.when(() =>
            jobsOf(from + index).every(
              (jobId) => reader.record.known.get(jobId)?.progress?.version === feed.latest(jobId).version,
            ),
          ),
        ),
        WITHIN_MS,
      );
    /** The peak of the gateway's memory while everything is told. */
    const peakOfPhase = async () => {
      let peak = 0;
      const look = setInterval(() => {
        peak = Math.max(peak, memoryMiBOf(gateway.pid));
      }, LOOK_EVERY_MS);
      const startedMs = Date.now();
      for (let update = 1; update <= load.seconds * load.perJobPerSecond; update += 1) {
        for (const jobId of jobIds) feed.publishNext(jobId);
        await delay(Math.max(0, startedMs + (update * 1_000) / load.perJobPerSecond - Date.now()));
      }
      if (!(await haveLatest(others, load.stalled))) faults.push('a reader that reads lacks the last update');
      clearInterval(look);
      return peak;
    };
    try {
      if (!(await allSubscribed(readers, WITHIN_MS))) faults.push('not everybody could subscribe');
      const before = await peakOfPhase();
      for (const reader of stalled) reader.pause();
      const during = await peakOfPhase();
      const conflated = await sumOfMetric([gateway], 'frames_conflated_total');
      if (during - before > GROWTH_MAX_MIB) faults.push(`memory grew by ${Math.round(during - before)} MiB`);
      if (conflated === 0) faults.push('nothing was held back for those who stalled');
      for (const reader of stalled) reader.resume();
      if (!(await haveLatest(stalled, 0))) faults.push('a reader that stalled did not get to the present');
      faults.push(...readers.flatMap(({ record, closes }) => [...record.faults, ...closes.map(String)]));
      return {
        name: 'readers that stall',
        faults,
        numbers: {
          readers: load.readers,
          stalled: load.stalled,
          'memory before, MiB': Math.round(before),
          'memory grew by, MiB': Math.round(during - before),
          'frames left out': conflated,
        },
      };
    } finally {
      for (const reader of readers) reader.close();
    }
  });
}

function memoryMiBOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}
