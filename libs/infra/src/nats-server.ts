import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { findNatsServer } from './find-nats-server.ts';
import { isNatsAnswering } from './nats-answering.ts';

export interface StartNatsServerOptions {
  /** 0: any free port, chosen by the server itself, so that parallel starts cannot collide. */
  port: number;
  host?: string;
  /** JetStream's files and the generated configuration. The same folder again continues with the same streams. */
  storeDir: string;
  logFile?: string;
  binary?: string;
  /** False for a server as it comes: without streams. */
  jetStream?: boolean;
  /** Where the server tells over HTTP who has subscribed to what; left out, nowhere. */
  monitorPort?: number;
}

export interface ServerExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface NatsServer {
  url: string;
  port: number;
  pid: number;
  /** SIGTERM, and SIGKILL when that has not ended it after five seconds. Resolves once it has exited. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL: what a crash looks like. */
  kill(): Promise<void>;
  /** Resolves when the process is gone, for whatever reason. */
  exited: Promise<ServerExit>;
}

export type NatsServerErrorCode = 'nats_not_installed' | 'port_taken' | 'nats_start_failed';

export class NatsServerError extends Error {
  readonly code: NatsServerErrorCode;

  constructor(code: NatsServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NatsServerError';
    this.code = code;
  }
}

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 5_000;

/**
 * A batch of reports with page texts is larger than the server's usual 1 MiB. History is bounded here as well,
 * so that no stream can ever fill the disk.
 */
const config = ({
  storeDir,
  jetStream = true,
  monitorPort,
}: StartNatsServerOptions) => `max_payload: ${8 * 1024 * 1024}
${monitorPort === undefined ? '' : `http: "127.0.0.1:${monitorPort}"`}
${jetStream ? `jetstream { store_dir: ${JSON.stringify(storeDir)}, max_memory_store: 256MB, max_file_store: 4GB }` : ''}
`;

/**
 * Starts `nats-server` with JetStream and resolves when it answers. Rejects with NatsServerError: `port_taken` names
 * the port. The process ends with its owner on any normal exit.
 */
export async function startNatsServer(options: StartNatsServerOptions): Promise<NatsServer> {
  const { port, host = '127.0.0.1', storeDir, logFile } = options;
  const binary = options.binary ?? (await findNatsServer());
  if (!binary) throw new NatsServerError('nats_not_installed', 'nats-server is not installed');

  await mkdir(storeDir, { recursive: true });
  const configFile = join(storeDir, 'nats-server.conf');
  await writeFile(configFile, config(options));
  // Its own process group: Ctrl-C in a terminal must reach the owner alone, which stops the server last.
  const child = spawn(binary, ['-c', configFile, '-a', host, '-p', String(port === 0 ? -1 : port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const exited = exitOf(child);
  const endWithOwner = () => child.kill('SIGTERM');
  process.once('exit', endWithOwner);
  const gone = exited.then((exit) => {
    process.removeListener('exit', endWithOwner);
    return exit;
  });

  const kill = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  try {
    const boundPort = await listening(child, { port, host, ...(logFile === undefined ? {} : { logFile }) });
    const url = `nats://${host}:${boundPort}`;
    if (!(await isNatsAnswering(url))) {
      throw new NatsServerError('nats_start_failed', `nats-server does not answer at ${url}`);
    }
    return {
      url,
      port: boundPort,
      pid: child.pid ?? -1,
      stop: () => stopChild(child, gone),
      kill,
      exited: gone,
    };
  } catch (error) {
    await kill();
    throw error;
  }
}

function exitOf(child: ChildProcess): Promise<ServerExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
}

async function stopChild(child: ChildProcess, gone: Promise<ServerExit>): Promise<void> {
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await gone;
  clearTimeout(force);
}

/** Reads the server's log until it says where it listens, or that it cannot; and keeps on writing it to the file. */
function listening(
  child: ChildProcess,
  { port, host, logFile }: { port: number; host: string; logFile?: string },
): Promise<number> {
  let resolve: (boundPort: number) => void = () => {};
  let reject: (error: NatsServerError) => void = () => {};
  const ready = new Promise<number>((onReady, onFault) => {
    resolve = onReady;
    reject = onFault;
  });
  const fail = (code: NatsServerErrorCode, message: string, cause?: unknown) =>
    reject(new NatsServerError(code, message, { cause }));
  let boundPort = port;
  let lastLine = '';
  const onLine = (line: string) => {
    lastLine = line;
    const bound = /Listening for client connections on .*:(\d+)$/.exec(line)?.[1];
    if (bound) boundPort = Number(bound);
    if (line.endsWith('Server is ready')) resolve(boundPort);
    if (line.includes('address already in use')) {
      fail('port_taken', `NATS cannot listen on ${host}:${port}: the port is taken`);
    }
  };
  if (child.stderr) {
    const lines = createInterface({ input: child.stderr }).on('line', onLine);
    if (logFile !== undefined) {
      mkdirSync(dirname(logFile), { recursive: true });
      // Line by line and not piped: a log that cannot be written must not stop the reading.
      const log = createWriteStream(logFile, { flags: 'a' }).on('error', () => {});
      lines.on('line', (line) => log.write(`${line}\n`)).once('close', () => log.end());
    }
  }
  child.once('error', (error) =>
    fail('nats_start_failed', `nats-server cannot be run: ${error.message}`, error),
  );
  child.once('close', () => fail('nats_start_failed', `nats-server ended at once: ${lastLine}`));
  const timer = setTimeout(
    () => fail('nats_start_failed', `nats-server was not ready after ${START_TIMEOUT_MS} ms: ${lastLine}`),
    START_TIMEOUT_MS,
  );
  return ready.finally(() => clearTimeout(timer));
}
