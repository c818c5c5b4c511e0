/** The worker of the pipeline: a process that claims children, does nothing, and reports them completed. */
import { connectNatsEventBus } from '@progeny/event-bus-nats';
import { clockMs, readSettings, serveCommands } from '../measure/serve-commands.ts';
import type { Work, Worked } from './bench-worker.ts';

/** A request that waits in a full machine is slow, not lost. */
const PATIENT = { timeoutMs: 60_000 };

const { natsUrl } = readSettings<{ natsUrl: string }>();
const log = { warn: console.error, error: console.error };
const bus = connectNatsEventBus({ url: natsUrl, name: 'bench-worker', log });
await bus.connected;
serveCommands<Work>({ handle: doWork, stop: () => bus.close() });

/** Loops side by side; in each the next claim is on its way while a report is. */
async function doWork({ jobType, children, batch, loops }: Work): Promise<Worked> {
  let unclaimed = children;
  let completed = 0;
  const reports: Worked['reports'] = [];
  const claim = async () => {
    const limit = Math.min(batch, unclaimed);
    unclaimed -= limit;
    if (limit === 0) return [];
    const claimed = await bus.request('claim', { worker_id: 'bench', job_types: [jobType], limit }, PATIENT);
    unclaimed += limit - claimed.children.length;
    return claimed.children;
  };
  const loop = async () => {
    let next = claim();
    for (;;) {
      const claimed = await next;
      if (claimed.length === 0) return;
      next = claim();
      await bus.request(
        'report',
        {
          reports: claimed.map(({ job_id, attempt }) => ({ job_id, attempt, status: 'completed' as const })),
        },
        PATIENT,
      );
      completed += claimed.length;
      reports.push({ atMs: clockMs(), completed });
    }
  };
  const startedMs = clockMs();
  await Promise.all(Array.from({ length: loops }, loop));
  return { startedMs, reports };
}
