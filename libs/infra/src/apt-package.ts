import { execFile } from 'node:child_process';

/** Where the program is now, or why it is not there. */
export type Installation = { path: string } | { path: null; reason: string };

export interface InstallLog {
  info(fields: object, message: string): void;
}

export interface InstallDebianPackageOptions {
  name: string;
  /** Finds the program that the package brings. */
  find: () => Promise<string | null>;
  log: InstallLog;
  /** How to run a command; replaced in tests. */
  run?: (command: string, args: string[]) => Promise<{ ok: boolean; output: string }>;
  isRoot?: boolean;
}

const INSTALL_TIMEOUT_MS = 600_000;
const QUIET = ['env', 'DEBIAN_FRONTEND=noninteractive', 'LC_ALL=C', 'apt-get'];
const APT_OPTIONS = ['-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'];

/**
 * Installs a Debian package, as root or with a `sudo` that asks for no password. Says why when it cannot; the caller
 * then names the other ways. Does nothing when the program is there already.
 */
export async function installDebianPackage(options: InstallDebianPackageOptions): Promise<Installation> {
  const { name, find, log, run = runCommand, isRoot = process.getuid?.() === 0 } = options;
  const present = await find();
  if (present) return { path: present };

  if (!(await run('apt-get', ['--version'])).ok) return { path: null, reason: 'this machine has no apt-get' };
  if (!isRoot && !(await run('sudo', ['-n', 'true'])).ok) {
    return { path: null, reason: 'apt-get needs root, and sudo would ask for a password' };
  }
  const [command = '', ...before] = isRoot ? QUIET : ['sudo', '-n', ...QUIET];
  const apt = (...args: string[]) => run(command, [...before, ...args]);
  const install = () => apt('install', ...APT_OPTIONS, name);

  log.info({ package: name }, `installing the Debian package ${name} with apt-get`);
  let result = await install();
  if (!result.ok) {
    // A fresh container has no package lists at all, and old lists name versions that are gone.
    log.info({}, 'refreshing the package lists');
    await apt('update', '-q');
    result = await install();
  }
  if (!result.ok) return { path: null, reason: `apt-get install failed: ${lastLine(result.output)}` };
  const path = await find();
  return path ? { path } : { path: null, reason: `the package ${name} brought no program` };
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}

function runCommand(command: string, args: string[]): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    const limits = { timeout: INSTALL_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
    execFile(command, args, limits, (error, stdout, stderr) => {
      resolve({ ok: error === null, output: stderr || stdout || (error?.message ?? '') });
    });
  });
}
