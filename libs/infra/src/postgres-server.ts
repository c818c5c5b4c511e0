import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, isPortFree } from './free-port.ts';
import { postgresBinaries } from './postgres-binaries.ts';
import { clusterFolder, ensureCluster, processOptions } from './postgres-cluster.ts';
import { ensureDatabase } from './postgres-database.ts';
import { PostgresError } from './postgres-error.ts';
import { clearLeftovers, readPostmasterFile } from './postgres-lock.ts';
import { postgresUser, type SystemUser } from './postgres-user.ts';

export interface StartPostgresOptions {
  /** The cluster's files; made when missing. Nobody else may use the folder: a server left there is stopped. */
  dataDir: string;
  /** 0: a free one. */
  port: number;
  logFile: string;
  /** False for tests: quicker, and a power cut may destroy the cluster. */
  durable?: boolean;
}

export interface PostgresServer {
  /** Of the database `progeny`, owned by the role `progeny`, which may create others. */
  url: string;
  port: number;
  pid: number;
  /** Where the files really are; not `dataDir` when the server's user could not have reached it. */
  folder: string;
  /** Ends all connections, writes everything out, resolves once the process is gone. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL: what a crash looks like. */
  kill(): Promise<void>;
  /** Resolves when the process is gone, for whatever reason. */
  exited: Promise<void>;
}

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;
const LOOK_EVERY_MS = 10;
/** Tries while a port that was free is taken, or the last processes of a killed server are still ending. */
const START_TRIES = 20;

const SETTINGS = {
  listen_addresses: HOST,
  unix_socket_directories: '',
  max_connections: 200,
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  autovacuum_naptime: '10s',
  random_page_cost: 1.1,
  jit: 'off',
  log_checkpoints: 'off',
};
const NOT_DURABLE = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };

/** Starts PostgreSQL 18 from its npm package on loopback; resolves when the database `progeny` takes connections. */
export async function startPostgresServer(options: StartPostgresOptions): Promise<PostgresServer> {
  const { dataDir, port, logFile, durable = true } = options;
  const user = postgresUser();
  const binaries = postgresBinaries(user);
  const folder = clusterFolder(dataDir, user);
  ensureCluster(folder, { binaries, user, durable });
  await clearLeftovers(folder);
  if (port !== 0 && !(await isPortFree(port))) throw portTaken(port);
  mkdirSync(path.dirname(logFile), { recursive: true });
  const launch = { binary: binaries.postgres, folder, logFile, user, durable };
  for (let left = START_TRIES; ; left--) {
    const tried = port === 0 ? await freePort() : port;
    const started = await launchServer({ ...launch, port: tried });
    if ('server' in started) {
      try {
        await ensureDatabase(started.server.url);
      } catch (error) {
        await started.server.stop();
        throw error;
      }
      return started.server;
    }
    if (started.portTaken && port !== 0) throw portTaken(port);
    if (!started.passing || left === 0) {
      throw new PostgresError('postgres_start_failed', `PostgreSQL did not start: ${started.reason}`);
    }
    await delay(LOOK_EVERY_MS * 10);
  }
}

const portTaken = (port: number) =>
  new PostgresError('port_taken', `port ${port} is taken by another program`);

/** Removes a cluster that does not run, wherever its files really are. */
export async function removePostgresData(dataDir: string): Promise<void> {
  const folder = clusterFolder(dataDir, postgresUser());
  await clearLeftovers(folder);
  rmSync(folder, { recursive: true, force: true });
  rmSync(dataDir, { recursive: true, force: true });
}

interface Launch {
  binary: string;
  folder: string;
  logFile: string;
  port: number;
  user: SystemUser | null;
  durable: boolean;
}
type Launched =
  | { server: PostgresServer }
  | { reason: string; portTaken: boolean /** Worth another try. */; passing: boolean };

async function launchServer({ binary, folder, logFile, port, user, durable }: Launch): Promise<Launched> {
  const settings = { port, ...SETTINGS, ...(durable ? {} : NOT_DURABLE) };
  const logged = existsSync(logFile) ? readFileSync(logFile).length : 0;
  const log = openSync(logFile, 'a');
  // Its own process group: Ctrl-C in a terminal must reach the owner alone, which stops the server last.
  const child = spawn(
    binary,
    ['-D', folder, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...processOptions(user), stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  if (await isReady(child, folder)) return { server: handleOf(child, { exited, port, folder }) };
  await end(child, exited);
  const lines = readFileSync(logFile).subarray(logged).toString().trim();
  const portTaken = /could not bind|Address already in use/.test(lines);
  const passing = portTaken || lines.includes('pre-existing shared memory');
  return { reason: lines.split('\n').slice(-5).join('\n'), portTaken, passing };
}

async function isReady(child: ChildProcess, folder: string): Promise<boolean> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const file = readPostmasterFile(folder);
    if (file?.pid === child.pid && file.ready) return true;
    if (Date.now() > deadline) return false;
    await delay(LOOK_EVERY_MS); // the file is how the server tells; nothing announces its change
  }
  return false;
}

function handleOf(
  child: ChildProcess,
  { exited, port, folder }: { exited: Promise<void>; port: number; folder: string },
): PostgresServer {
  const endWithOwner = () => child.kill('SIGINT');
  process.once('exit', endWithOwner);
  void exited.then(() => process.removeListener('exit', endWithOwner));
  return {
    url: `postgresql://progeny:progeny@${HOST}:${port}/progeny`,
    port,
    pid: child.pid ?? -1,
    folder,
    exited,
    stop: () => end(child, exited),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function end(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill('SIGINT'); // PostgreSQL's "fast" stop
  const force = setTimeout(() => child.kill('SIGQUIT'), STOP_TIMEOUT_MS);
  const forceMore = setTimeout(() => child.kill('SIGKILL'), 2 * STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(force);
  clearTimeout(forceMore);
}
