import { makeWorkerUtils } from 'graphile-worker';
import pg from 'pg';
import { watchProcesses } from '../measure/watch-processes.ts';
import { startWorkerProcess } from '../measure/worker-process.ts';
import type { Contestant } from './contestant.ts';
import type { GraphileCommand } from './graphile-worker-main.ts';
import { startPeerPostgres, vacuum } from './peer-postgres.ts';
import { poll } from './poll.ts';

/** Jobs in one call. */
const BATCH = 5_000;

/** graphile-worker: it knows no parent and deletes what is done; the rows that are left are counted by a query. */
export async function startGraphileWorker(): Promise<Contestant> {
  const postgres = await startPeerPostgres();
  const utils = await makeWorkerUtils({ connectionString: postgres.url });
  await utils.migrate();
  const watcher = new pg.Client({ connectionString: postgres.url });
  await watcher.connect();
  const countOpen = async () => {
    const { rows } = await watcher.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM graphile_worker.jobs',
    );
    return rows[0]?.count;
  };
  const worker = await startWorkerProcess<GraphileCommand>('peers/graphile-worker-main.ts', {
    databaseUrl: postgres.url,
  });

  return {
    name: 'graphile-worker',
    // The first is its documentation's for speed.
    settings: [
      { concurrency: 24, localQueue: 500 },
      { concurrency: 24, localQueue: 2_000 },
      { concurrency: 24, localQueue: 5_000 },
    ],
    async run(children, { concurrency = 24, localQueue = 500 }) {
      const startMs = performance.now();
      for (let start = 0; start < children; start += BATCH) {
        const length = Math.min(BATCH, children - start);
        await utils.addJobs(Array.from({ length }, () => ({ identifier: 'child', payload: {} })));
      }
      const addSeconds = (performance.now() - startMs) / 1000;
      const watch = watchProcesses({ postgres: postgres.pid, worker: worker.pid, viewer: process.pid });
      const { startedMs } = (await worker.ask({ do: 'work', concurrency, localQueue })) as {
        startedMs: number;
      };
      const { reads, endedMs } = await poll(countOpen, (open) => open === 0);
      const usages = watch.stop();
      const { ran } = (await worker.ask({ do: 'rest' })) as { ran: number };
      if (ran !== children) throw new Error(`graphile-worker ran ${ran} of ${children} jobs`);
      return { addSeconds, runSeconds: (endedMs - startedMs) / 1000, reads, usages };
    },
    tidy: () => vacuum(postgres.url),
    async stop() {
      await worker.stop();
      await watcher.end();
      await utils.release();
      await postgres.stop();
    },
  };
}
