import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { PostgresError } from './postgres-error.ts';

/** Whom the server runs as. */
export interface SystemUser {
  uid: number;
  gid: number;
}

const NAME = 'postgres';

/** PostgreSQL refuses to run as root: then the system user `postgres`, made when missing; else null, ourselves. */
export function postgresUser(): SystemUser | null {
  if (process.getuid?.() !== 0) return null;
  const present = lookUp();
  if (present) return present;
  const { status, stderr, error } = spawnSync(
    'useradd',
    ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', NAME],
    { encoding: 'utf8' },
  );
  const made = lookUp();
  if (made) return made;
  throw new PostgresError(
    'postgres_no_user',
    `PostgreSQL does not run as root, and the user ${NAME} could not be added` +
      ` (${error?.message ?? (stderr.trim() || `useradd exited ${status}`)}).` +
      ` Add it, run as another user, or set DATABASE_URL.`,
  );
}

function lookUp(): SystemUser | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${NAME}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid) };
}

/** Whether the user may walk down to the folder: each folder above it, and it itself, has to let them through. */
export function canReach(user: SystemUser, folder: string): boolean {
  for (let current = path.resolve(folder); ; current = path.dirname(current)) {
    const { mode, uid, gid } = statSync(current);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (current === path.dirname(current)) return true;
  }
}
