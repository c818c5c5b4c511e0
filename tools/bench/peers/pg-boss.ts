import { withClient } from '@progeny/infra';
import PgBoss from 'pg-boss';
import { watchProcesses } from '../measure/watch-processes.ts';
import { startWorkerProcess } from '../measure/worker-process.ts';
import type { Contestant } from './contestant.ts';
import { startPeerPostgres, vacuum } from './peer-postgres.ts';
import type { PgBossCommand } from './pg-boss-worker.ts';
import { poll } from './poll.ts';

/** Jobs in one insert. */
const BATCH = 5_000;

/** pg-boss: a queue stands for the parent, since it knows none; its size is what can be counted. */
export async function startPgBoss(): Promise<Contestant> {
  const postgres = await startPeerPostgres();
  const boss = new PgBoss({ connectionString: postgres.url });
  boss.on('error', console.error);
  await boss.start();
  const worker = await startWorkerProcess<PgBossCommand>('peers/pg-boss-worker.ts', {
    databaseUrl: postgres.url,
  });
  let queues = 0;

  return {
    name: 'pg-boss',
    settings: [
      { batch: 500, loops: 4 },
      { batch: 1_000, loops: 4 },
      { batch: 2_000, loops: 4 },
    ],
    async run(children, { batch = 500, loops = 4 }) {
      queues += 1;
      const queue = `children-${queues}`;
      await boss.createQueue(queue);
      const startMs = performance.now();
      for (let start = 0; start < children; start += BATCH) {
        const jobs = Array.from({ length: Math.min(BATCH, children - start) }, () => ({ name: queue }));
        await boss.insert(jobs);
      }
      const addSeconds = (performance.now() - startMs) / 1000;
      const watch = watchProcesses({ postgres: postgres.pid, worker: worker.pid, viewer: process.pid });
      const { startedMs } = (await worker.ask({ do: 'work', queue, batch, loops })) as { startedMs: number };
      // What has not completed, by pg-boss itself: it runs a query that counts.
      const { reads, endedMs } = await poll(
        () => boss.getQueueSize(queue, { before: 'completed' }),
        (open) => open === 0,
      );
      const usages = watch.stop();
      await worker.ask({ do: 'rest' });
      const completed = await countCompleted(postgres.url, queue);
      if (completed !== children) throw new Error(`pg-boss completed ${completed} of ${children} jobs`);
      return { addSeconds, runSeconds: (endedMs - startedMs) / 1000, reads, usages };
    },
    tidy: () => vacuum(postgres.url),
    async stop() {
      await worker.stop();
      await boss.stop({ graceful: false });
      await postgres.stop();
    },
  };
}

const countCompleted = (databaseUrl: string, queue: string): Promise<number | undefined> =>
  withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM pgboss.job WHERE name = $1 AND state = 'completed'`,
      [queue],
    );
    return rows[0]?.count;
  });
