/** pg-boss's worker: one process that fetches and completes in batches, several side by side. */
import PgBoss from 'pg-boss';
import { clockMs, readSettings, serveCommands } from '../measure/serve-commands.ts';

export type PgBossCommand = { do: 'work'; queue: string; batch: number; loops: number } | { do: 'rest' };

const { databaseUrl } = readSettings<{ databaseUrl: string }>();
const boss = new PgBoss({ connectionString: databaseUrl, max: 10 });
boss.on('error', console.error);
await boss.start();
let working: Promise<unknown> = Promise.resolve();

serveCommands<PgBossCommand>({
  async handle(command) {
    if (command.do === 'rest') return await working;
    const startedMs = clockMs();
    working = Promise.all(Array.from({ length: command.loops }, () => work(command)));
    return { startedMs };
  },
  stop: () => boss.stop({ graceful: false }),
});

/** The next fetch is on its way while a batch is completed. */
async function work({ queue, batch }: { queue: string; batch: number }): Promise<void> {
  const fetch = () => boss.fetch(queue, { batchSize: batch });
  let next = fetch();
  for (;;) {
    const jobs = await next;
    if (jobs.length === 0) return;
    next = fetch();
    await boss.complete(
      queue,
      jobs.map(({ id }) => id),
    );
  }
}
