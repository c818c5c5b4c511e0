import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type PostgresBinaries, SYSTEM_FOLDER } from './postgres-binaries.ts';
import { PostgresError } from './postgres-error.ts';
import { canReach, type SystemUser } from './postgres-user.ts';

/** The owner of the application's database. */
export const APP_ROLE = 'progeny';
/** Whom callers' statements run as; the migrations give it its rights. */
export const CALLER_ROLE = 'progeny_caller';
/** Only this library is it. */
export const SUPERUSER = 'postgres';
/** The server listens on loopback alone; the password keeps nobody out who can read this file. */
export const PASSWORD = 'progeny';

/**
 * Where the files really are: the given folder, or one below /var/lib/progeny when we are root and the server's user
 * could not reach the given one (a clone in /root, say).
 */
export function clusterFolder(dataDir: string, user: SystemUser | null): string {
  const wanted = path.resolve(dataDir);
  if (user === null) return wanted;
  mkdirSync(path.dirname(wanted), { recursive: true });
  if (canReach(user, path.dirname(wanted))) return wanted;
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  return path.join(SYSTEM_FOLDER, `data-${hash}`);
}

/** Makes the cluster when it is missing. A run that was cut off half-way leaves nothing that looks finished. */
export function ensureCluster(
  folder: string,
  { binaries, user, durable }: { binaries: PostgresBinaries; user: SystemUser | null; durable: boolean },
): void {
  const versionFile = path.join(folder, 'PG_VERSION');
  if (existsSync(versionFile)) {
    const made = readFileSync(versionFile, 'utf8').trim();
    const [ours] = binaries.version.split('.');
    if (made === ours) return;
    throw new PostgresError(
      'postgres_wrong_version',
      `${folder} was made by PostgreSQL ${made}, this is ${ours}; clear it with --reset`,
    );
  }
  mkdirSync(path.dirname(folder), { recursive: true, mode: 0o755 });
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  const passwordFile = path.join(tmpdir(), `progeny-initdb-${process.pid}`);
  writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
  try {
    if (user) for (const item of [unfinished, passwordFile]) chownSync(item, user.uid, user.gid);
    initdb(unfinished, { binary: binaries.initdb, passwordFile, user, durable });
  } finally {
    rmSync(passwordFile);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
}

function initdb(
  folder: string,
  options: { binary: string; passwordFile: string; user: SystemUser | null; durable: boolean },
): void {
  const { binary, passwordFile, user, durable } = options;
  const { status, stdout, stderr, error } = spawnSync(
    binary,
    [
      ...['-D', folder, '--username', SUPERUSER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
      ...[
        '--encoding',
        'UTF8',
        '--locale',
        'C',
        '--locale-provider',
        'builtin',
        '--builtin-locale',
        'C.UTF-8',
      ],
      ...(durable ? [] : ['--no-sync']),
    ],
    { ...processOptions(user), encoding: 'utf8' },
  );
  if (status === 0) return;
  const why = error?.message ?? `${stdout}${stderr}`.trim();
  throw new PostgresError('postgres_start_failed', `initdb failed: ${why}`, { cause: error });
}

/** How every PostgreSQL program is run: as its user, in a folder that this user can enter, in no special language. */
export function processOptions(user: SystemUser | null) {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  return { cwd: path.parse(process.cwd()).root, env, ...user };
}
