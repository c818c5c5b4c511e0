import { startBenchStack } from '../bench-stack.ts';
import { startBenchWorker } from '../pipeline/bench-worker.ts';
import { runPipeline } from '../pipeline/pipeline.ts';
import type { Contestant } from './contestant.ts';
import { vacuum } from './peer-postgres.ts';

/** We ourselves: PostgreSQL with everything durable, NATS, three services, and a viewer on a WebSocket. */
export async function startProgeny(): Promise<Contestant> {
  const stack = await startBenchStack();
  const worker = await startBenchWorker(stack.natsUrl);
  return {
    name: 'Progeny',
    settings: [
      { batch: 250, loops: 4 },
      { batch: 500, loops: 4 },
      { batch: 500, loops: 2 },
    ],
    async run(children, { batch = 250, loops = 4 }) {
      const { addSeconds, runSeconds, frames, usages } = await runPipeline(stack, worker, {
        children,
        batch,
        loops,
      });
      return { addSeconds, runSeconds, reads: frames, usages };
    },
    tidy: () => vacuum(stack.databaseUrl),
    async stop() {
      await worker.stop();
      await stack.stop();
    },
  };
}
