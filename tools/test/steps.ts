import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Installation, installChromium, installNatsServer, installRedisServer } from '@progeny/infra';
import { type JestResults, type Outcome, outcomeOfCheck, outcomeOfJest, sumOf } from './outcome.ts';
import { type Suite, testFiles } from './test-files.ts';

export interface StepContext {
  root: string;
  /** Folders of projects to test alone; empty for everything. */
  only: readonly string[];
}

export interface Step {
  name: string;
  run(): Promise<Outcome>;
}

/** Where projects are. */
const FOLDERS = ['apps', 'libs', 'tools', 'e2e'];
const RESULTS = 'dist/test-results';

const ENV = {
  ...process.env,
  NX_DAEMON: 'false',
  NX_TUI: 'false',
  // Nx would have its tasks write colours into a log file.
  FORCE_COLOR: process.stdout.isTTY ? 'true' : '0',
};

/** Node.js with these arguments, in the workspace's folder. */
const node = (root: string, args: readonly string[]): boolean => {
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    env: ENV,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return status === 0;
};

const nx = ({ root, only }: StepContext, target: string): boolean => {
  const projects = only.map((folder) => projectName(path.join(root, folder)));
  const filter = projects.length > 0 ? [`--projects=${projects.join(',')}`] : [];
  return node(root, [
    'node_modules/nx/dist/bin/nx.js',
    'run-many',
    `--target=${target}`,
    '--outputStyle=static',
    ...filter,
  ]);
};

const projectName = (folder: string): string =>
  JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).nx.name;

/** A check with one answer. */
const check = (name: string, holds: () => boolean): Step => ({
  name,
  run: () => Promise.resolve(outcomeOfCheck(holds())),
});

/**
 * One suite of all projects. Its tests are counted one by one, from the cache or not, and a file that no project has
 * run is a failure: a target may be missing.
 */
const runSuite = (
  context: StepContext,
  name: string,
  { target, suite }: { target: string; suite: Suite },
): Step => ({
  name,
  run: () => {
    const holds = nx(context, target);
    const results = readResults(path.join(context.root, RESULTS), `.${suite}.json`);
    const tests = sumOf(results.map(outcomeOfJest));
    const ran = results.flatMap(({ testResults }) => testResults.map((file) => file.name));
    const folders = context.only.length > 0 ? context.only : FOLDERS;
    const forgotten = testFiles(context.root, folders, suite).filter(
      (file) => !ran.some((other) => other.endsWith(`/${file}`)),
    );
    if (forgotten.length > 0) console.error(`not run: ${forgotten.join(', ')}`);
    // Nx may fail where no test did: a missing build, say.
    const unexplained = !holds && tests.failed + forgotten.length === 0 ? 1 : 0;
    return Promise.resolve({ ...tests, failed: tests.failed + forgotten.length + unexplained });
  },
});

function readResults(folder: string, ending: string): JestResults[] {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(ending)) : [];
  return files.map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')));
}

/** A program that tests need. Missing and not to be had is a failure, never a reason to skip. */
const program = (
  name: string,
  install: (options: { log: { info(fields: object, message: string): void } }) => Promise<Installation>,
  ways: string,
): Step => ({
  name,
  async run() {
    const installed = await install({ log: { info: (_, message) => console.log(message) } });
    if (installed.path === null) console.error(`${name} is missing: ${installed.reason}.\n${ways}`);
    else console.log(installed.path);
    return outcomeOfCheck(installed.path !== null);
  },
});

/** What needs nothing but this workspace. */
export const ownSteps = (context: StepContext): Step[] => [
  check('format and lint', () =>
    node(context.root, [
      'node_modules/@biomejs/biome/bin/biome',
      'check',
      ...(context.only.length > 0 ? context.only : ['.']),
    ]),
  ),
  check('types', () => nx(context, 'typecheck')),
  check('layers', () => node(context.root, ['--import', 'tsx', 'tools/layers/main.ts'])),
  runSuite(context, 'unit tests', { target: 'test', suite: 'unit' }),
];

/** Programs that the suites after this need. */
export const programSteps = (): Step[] => [
  program(
    'nats-server',
    installNatsServer,
    'Install it with "apt-get install nats-server", "brew install nats-server" or from\n' +
      'https://github.com/nats-io/nats-server/releases, so that it is on PATH.',
  ),
  program(
    'chromium',
    installChromium,
    'Install it with "apt-get install chromium", or set CHROMIUM_PATH to a Chrome or Chromium.',
  ),
  program('redis-server', installRedisServer, 'Install it with "apt-get install redis-server".'),
];

export const serverSteps = (context: StepContext): Step[] => [
  runSuite(context, 'integration tests', { target: 'test-int', suite: 'int' }),
  runSuite(context, 'end-to-end tests', { target: 'test-e2e', suite: 'e2e' }),
];
