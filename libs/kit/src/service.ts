import { createLog, type Log } from './log.ts';

/** One part of the system: a process runs one, a test or the single-process mode runs several. */
export interface Service {
  readonly name: string;
  /** Resolves when the service works. Rejects when it never will; what it had opened is closed then. */
  start(): Promise<void>;
  /** Drains: takes nothing new, ends what runs, leaves nothing open. Idempotent. */
  stop(): Promise<void>;
}

/** A stop that takes longer is cut off. */
export const STOP_DEADLINE_MS = 10_000;

/**
 * The whole life of a process: builds the service, starts it, stops it on SIGTERM, SIGINT or when the process
 * that started it is gone, and exits 0; a second signal, or a stop that hangs, exits 1. Faults in the configuration
 * and a taken port are told in plain words, not as a stack.
 */
export async function runService(
  name: string,
  build: (env: NodeJS.ProcessEnv) => { service: Service; log: Log },
): Promise<void> {
  let log: Log = createLog({ service: name, level: 'info' });
  try {
    const built = build(process.env);
    log = built.log;
    stopOnSignal(built.service, log);
    await built.service.start();
    log.info('started');
  } catch (error) {
    if (isPlain(error)) log.fatal({ code: error.code }, error.message);
    else log.fatal({ err: error }, 'could not start');
    process.exit(1);
  }
}

function stopOnSignal(service: Service, log: Log): void {
  let stopping = false;
  const stop = async (reason: string, exitCode: number) => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ reason }, 'stopping');
    setTimeout(() => {
      log.error({ deadline_ms: STOP_DEADLINE_MS }, 'the stop took too long');
      process.exit(1);
    }, STOP_DEADLINE_MS).unref();
    try {
      await service.stop();
      log.info('stopped');
      process.exit(exitCode);
    } catch (error) {
      log.error({ err: error }, 'could not stop cleanly');
      process.exit(1);
    }
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal, 0));
  process.once('disconnect', () => {
    // A supervisor that asked for the stop and left has not asked twice.
    if (!stopping) void stop('the supervisor is gone', 0);
  });
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception');
    void stop('uncaught exception', 1);
  });
}

const isPlain = (error: unknown): error is Error & { code: string } =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'invalid_config' || error.code === 'port_taken');
