/** graphile-worker's worker: one process with the batching that its documentation names for speed. */
import { Logger, type Runner, run } from 'graphile-worker';
import { clockMs, readSettings, serveCommands } from '../measure/serve-commands.ts';

export type GraphileCommand = { do: 'work'; concurrency: number; localQueue: number } | { do: 'rest' };

const { databaseUrl } = readSettings<{ databaseUrl: string }>();
/** A line for each job would be what is measured. */
const logger = new Logger(() => (level, message) => {
  if (level === 'error' || level === 'warning') console.error(message);
});
let runner: Runner | undefined;
let ran = 0;

serveCommands<GraphileCommand>({
  async handle(command) {
    if (command.do === 'rest') {
      await runner?.stop();
      runner = undefined;
      return { ran };
    }
    ran = 0;
    const startedMs = clockMs();
    runner = await run({
      preset: {
        worker: {
          connectionString: databaseUrl,
          concurrentJobs: command.concurrency,
          maxPoolSize: command.concurrency + 1,
          localQueue: { size: command.localQueue },
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
        },
      },
      logger,
      parsedCronItems: [],
      taskList: {
        child() {
          ran += 1;
        },
      },
      noHandleSignals: true,
    });
    return { startedMs };
  },
  stop: async () => runner?.stop(),
});
