/**
 * `node tools/jest.mjs <unit|int|e2e> <project> <folder> [more]`: the tests of one suite in one folder. The results
 * go to dist/test-results/, where `npm test` counts them.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

const [suite, project, folder, ...more] = process.argv.slice(2);
if (!suite || !project || !folder) {
  console.error('usage: node tools/jest.mjs <unit|int|e2e> <project> <folder>');
  process.exit(2);
}
mkdirSync('dist/test-results', { recursive: true });

const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/jest/bin/jest.js',
    `--selectProjects=${suite}`,
    '--json',
    `--outputFile=dist/test-results/${project}.${suite}.json`,
    ...more,
    '--',
    `${folder}/`,
  ],
  { stdio: 'inherit' },
);
process.exit(status ?? 1);
