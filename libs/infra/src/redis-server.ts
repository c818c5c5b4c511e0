import { type ChildProcess, spawn } from 'node:child_process';
import { constants, mkdirSync } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type Installation, type InstallLog, installDebianPackage } from './apt-package.ts';
import { freePort } from './free-port.ts';

/** The path of the `redis-server` binary, or null when this machine has none. */
export async function findRedisServer(searchPath = process.env.PATH ?? ''): Promise<string | null> {
  for (const folder of [...searchPath.split(path.delimiter), '/usr/bin', '/usr/local/bin']) {
    if (folder === '') continue;
    const candidate = path.join(folder, 'redis-server');
    const usable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return candidate;
  }
  return null;
}

/** Installs Debian's `redis-server` package where the machine allows it; see installDebianPackage. */
export function installRedisServer({ log }: { log: InstallLog }): Promise<Installation> {
  return installDebianPackage({ name: 'redis-server', find: () => findRedisServer(), log });
}

export interface StartRedisOptions {
  /** Where it writes its files. */
  dataDir: string;
  /** Settings beyond its defaults, as on its command line without the dashes. */
  settings?: Readonly<Record<string, string>>;
}

export interface RedisServer {
  port: number;
  pid: number;
  /** Ends it without a last snapshot. Resolves once it has exited. Idempotent. */
  stop(): Promise<void>;
}

export class RedisError extends Error {
  readonly code: 'redis_not_installed' | 'redis_start_failed';

  constructor(code: RedisError['code'], message: string) {
    super(message);
    this.name = 'RedisError';
    this.code = code;
  }
}

/** Tries while a port that was free is taken before the server has it: to Redis port 0 means none. */
const START_TRIES = 5;
/** Of its log, kept to say why it did not start. */
const OUTPUT_LINES = 10;

/** Starts Redis on a free port of loopback, with the persistence that it has by itself; for benchmarks. */
export async function startRedisServer({ dataDir, settings = {} }: StartRedisOptions): Promise<RedisServer> {
  const binary = await findRedisServer();
  if (!binary) throw new RedisError('redis_not_installed', 'redis-server is not installed');
  mkdirSync(dataDir, { recursive: true });
  const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  for (let left = START_TRIES; ; left -= 1) {
    const port = await freePort();
    // Its own process group: Ctrl-C in a terminal must reach the owner alone, which stops the server last.
    const child = spawn(
      binary,
      ['--port', String(port), '--bind', '127.0.0.1', '--dir', dataDir, ...options],
      { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    );
    const gone = new Promise<void>((resolve) => {
      child.once('close', () => resolve());
      child.once('error', () => resolve());
    });
    const output: string[] = [];
    if (await isReady(child, { gone, output })) return handleOf(child, { port, gone });
    const said = output.join('\n').trim();
    if (left > 1 && said.includes('Address already in use')) continue;
    throw new RedisError('redis_start_failed', `Redis did not start: ${said}`);
  }
}

/** True when it takes connections, false when it has ended. Its output is read on, or it would stand still. */
function isReady(
  child: ChildProcess,
  { gone, output }: { gone: Promise<void>; output: string[] },
): Promise<boolean> {
  const ready = new Promise<boolean>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        output.push(line);
        if (output.length > OUTPUT_LINES) output.shift();
        if (line.includes('Ready to accept connections')) resolve(true);
      });
    }
  });
  return Promise.race([ready, gone.then(() => false)]);
}

function handleOf(child: ChildProcess, { port, gone }: { port: number; gone: Promise<void> }): RedisServer {
  const endWithOwner = () => child.kill('SIGKILL');
  process.once('exit', endWithOwner);
  void gone.then(() => process.removeListener('exit', endWithOwner));
  return {
    port,
    pid: child.pid ?? -1,
    async stop() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
