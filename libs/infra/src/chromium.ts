import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { type Installation, type InstallLog, installDebianPackage } from './apt-package.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const ELSEWHERE = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The browser that CHROMIUM_PATH names, else one on PATH, else null. */
export async function findChromium(env = process.env): Promise<string | null> {
  const folders = [...(env.PATH ?? '').split(path.delimiter), '/usr/bin'].filter((folder) => folder !== '');
  const candidates = env.CHROMIUM_PATH
    ? [env.CHROMIUM_PATH]
    : [...folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name))), ...ELSEWHERE];
  for (const candidate of candidates) {
    const usable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return candidate;
  }
  return null;
}

/** Installs Debian's `chromium` package where the machine allows it; see installDebianPackage. */
export function installChromium({ log }: { log: InstallLog }): Promise<Installation> {
  return installDebianPackage({ name: 'chromium', find: () => findChromium(), log });
}
