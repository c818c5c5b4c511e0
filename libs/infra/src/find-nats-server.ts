import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Debian installs to /usr/sbin, which an ordinary user's PATH leaves out. */
const USUAL_FOLDERS = ['/usr/sbin', '/usr/local/bin'];

/** The path of the `nats-server` binary, or null when this machine has none. */
export async function findNatsServer(path = process.env.PATH ?? ''): Promise<string | null> {
  const name = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';
  for (const folder of [...path.split(delimiter), ...USUAL_FOLDERS]) {
    if (folder === '') continue;
    const candidate = join(folder, name);
    const usable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return candidate;
  }
  return null;
}
