import { nodeVersionFault } from './node-version.mjs';
import { arePackagesInstalled, installPackages } from './packages.mjs';

/** What every command of the README does first. Ends the process with a plain sentence when it cannot go on. */
export function prepare(root) {
  const fault = nodeVersionFault();
  if (fault) leave(fault);
  if (arePackagesInstalled(root)) return;
  console.log('Installing the locked npm packages; the first time takes about a minute.');
  const startedMs = Date.now();
  if (!installPackages(root)) {
    leave('The npm packages could not be installed; npm says why above.');
  }
  console.log(`Packages installed in ${Math.round((Date.now() - startedMs) / 1000)} s.`);
}

function leave(message) {
  console.error(message);
  process.exit(1);
}
