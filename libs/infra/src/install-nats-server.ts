import { execFile } from 'node:child_process';
import { findNatsServer } from './find-nats-server.ts';

export type NatsInstallation = { path: string } | { path: null; reason: string };

export interface InstallNatsServerOptions {
  log: { info(fields: object, message: string): void };
  /** How to run a command; replaced in tests. */
  run?: (command: string, args: string[]) => Promise<{ ok: boolean; output: string }>;
  find?: () => Promise<string | null>;
  isRoot?: boolean;
}

const INSTALL_TIMEOUT_MS = 300_000;
const APT_OPTIONS = ['-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=60'];

/**
 * Installs Debian's `nats-server` package, as root or with a `sudo` that asks for no password. Says why when it
 * cannot; the caller then names the other ways. Does nothing when the binary is there already.
 */
export async function installNatsServer(options: InstallNatsServerOptions): Promise<NatsInstallation> {
  const { log, run = runCommand, find = findNatsServer, isRoot = process.getuid?.() === 0 } = options;
  const present = await find();
  if (present) return { path: present };

  if (!(await run('apt-get', ['--version'])).ok) return { path: null, reason: 'this machine has no apt-get' };
  if (!isRoot && !(await run('sudo', ['-n', 'true'])).ok) {
    return { path: null, reason: 'apt-get needs root, and sudo would ask for a password' };
  }
  const apt = (...args: string[]) =>
    isRoot ? run('apt-get', args) : run('sudo', ['-n', 'apt-get', ...args]);
  const install = () => apt('install', ...APT_OPTIONS, 'nats-server');

  log.info({ package: 'nats-server' }, 'installing a package with apt-get');
  let result = await install();
  if (!result.ok) {
    // A fresh container has no package lists at all, and old lists name versions that are gone.
    log.info({}, 'refreshing the package lists');
    await apt('update', '-q');

    result = await install();
  }
  if (!result.ok) return { path: null, reason: `apt-get install failed: ${lastLine(result.output)}` };
  const path = await find();
  return path ? { path } : { path: null, reason: 'the package nats-server brought no nats-server' };
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}

function runCommand(command: string, args: string[]): Promise<{ ok: boolean; output: string }> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  return new Promise((resolve) => {
    execFile(command, args, { env, timeout: INSTALL_TIMEOUT_MS }, (error, stdout, stderr) => {
      resolve({ ok: error === null, output: stderr || stdout || (error?.message ?? '') });
    });
  });
}
