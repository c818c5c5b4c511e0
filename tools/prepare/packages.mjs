import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Whether what is in node_modules is what package-lock.json says, on this platform. npm keeps a lock file of what it
 * installed; an install that was cut off leaves none.
 */
export function arePackagesInstalled(root, { platform = process.platform, arch = process.arch } = {}) {
  const wanted = packagesOf(path.join(root, 'package-lock.json'));
  const installed = packagesOf(path.join(root, 'node_modules/.package-lock.json'));
  if (!wanted || !installed) return false;
  const fits = (list, own) => !list || list.includes(own);
  return (
    Object.entries(wanted).every(
      ([name, { version, link, optional }]) =>
        !name.includes('node_modules/') ||
        (installed[name]
          ? installed[name].version === version && installed[name].link === link
          : optional === true),
    ) &&
    Object.entries(installed).every(
      ([name, { os, cpu }]) => wanted[name] && fits(os, platform) && fits(cpu, arch),
    )
  );
}

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  } catch {
    return null;
  }
}

/** `npm ci`, through the npm that runs us when there is one. Returns whether it worked; npm says why not. */
export function installPackages(root) {
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const viaNode = npm?.endsWith('.js');
  const { status } = spawnSync(viaNode ? process.execPath : (npm ?? 'npm'), viaNode ? [npm, ...args] : args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: !viaNode && process.platform === 'win32',
  });
  return status === 0;
}
