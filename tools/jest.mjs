/** `node tools/jest.mjs <unit|int|e2e> <folder> [more]`: the tests of one suite in one folder. */
import { spawnSync } from 'node:child_process';

const [suite, folder, ...more] = process.argv.slice(2);
if (!suite || !folder) {
  console.error('usage: node tools/jest.mjs <unit|int|e2e> <folder>');
  process.exit(2);
}

const { status } = spawnSync(
  process.execPath,
  ['node_modules/jest/bin/jest.js', `--selectProjects=${suite}`, ...more, '--', `${folder}/`],
  { stdio: 'inherit' },
);
process.exit(status ?? 1);
