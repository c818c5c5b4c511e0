import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { type Installation, installChromium, installNatsServer, installRedisServer } from '@progeny/infra';
import { type JestFile, type Outcome, outcomeOfCheck, outcomeOfJest, sumOf } from './outcome.ts';
import { PROJECT_FOLDERS, type Suite, testFiles } from './test-files.ts';
import { writeTypeGroups } from './type-groups.ts';

export interface StepContext {
  root: string;
  /** Folders of projects to test alone; empty for everything. */
  only: readonly string[];
}

export interface NamedOutcome {
  name: string;
  outcome: Outcome;
}

export interface Step {
  name: string;
  run(): Promise<Outcome | NamedOutcome[]>;
}

const RESULTS = 'dist/test-results.json';

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

const nx = ({ root }: StepContext, target: string): boolean =>
  node(root, ['node_modules/nx/dist/bin/nx.js', 'run-many', `--target=${target}`, '--outputStyle=static']);

/** A check with one answer. */
const check = (name: string, holds: () => boolean | Promise<boolean>): Step => ({
  name,
  run: async () => outcomeOfCheck(await holds()),
});

/** The projects to look at. */
const foldersOf = ({ root, only }: StepContext): string[] =>
  only.length > 0 ? [...only] : workspaceFolders(root);

const workspaceFolders = (root: string): string[] =>
  PROJECT_FOLDERS.flatMap((folder) => [
    folder,
    ...readdirSync(path.join(root, folder)).map((name) => path.posix.join(folder, name)),
  ]).filter((folder) => existsSync(path.join(root, folder, 'tsconfig.json')));

/** As many programs at a time as there are processors. */
async function checkTypes(context: StepContext): Promise<boolean> {
  if (!nx(context, 'generate')) return false;
  const configs = writeTypeGroups(context.root, foldersOf(context));
  let holds = true;
  const work = async () => {
    for (let config = configs.shift(); config; config = configs.shift()) {
      const compiler = spawn(process.execPath, ['node_modules/typescript/bin/tsc', '-p', config], {
        cwd: context.root,
        env: ENV,
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      const [code] = await once(compiler, 'close');
      holds &&= code === 0;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return holds;
}

/** One more than there are processors: tests of several processes wait for them a good part of their time. */
const WORKERS = availableParallelism() + 1;

/**
 * All suites in one run, so that no processor waits for the last file of a suite. Tests are counted one by one, and a
 * file that was not run is a failure.
 */
const runSuites = (context: StepContext, suites: readonly Suite[]): Step => ({
  name: 'tests',
  run: () => {
    const { root } = context;
    mkdirSync(path.join(root, 'dist'), { recursive: true });
    rmSync(path.join(root, RESULTS), { force: true });
    const folders = context.only.length > 0 ? context.only : PROJECT_FOLDERS;
    const holds = node(root, [
      'node_modules/jest/bin/jest.js',
      `--maxWorkers=${WORKERS}`,
      '--workerIdleMemoryLimit=1GB',
      '--json',
      `--outputFile=${RESULTS}`,
      '--selectProjects',
      ...suites,
      '--',
      ...folders.map((folder) => `${path.join(root, folder)}/`),
    ]);
    const files = readResults(path.join(root, RESULTS));
    const outcomes = suites.map((suite) => {
      const expected = testFiles(root, folders, suite);
      const ran = files.filter(({ name }) => expected.some((file) => name === path.join(root, file)));
      const forgotten = expected.filter((file) => !ran.some(({ name }) => name === path.join(root, file)));
      if (forgotten.length > 0) console.error(`not run: ${forgotten.join(', ')}`);
      const { passed, failed, skipped } = outcomeOfJest(ran);
      return { name: SUITE_NAMES[suite], outcome: { passed, failed: failed + forgotten.length, skipped } };
    });
    // Jest may fail where no test did: at what it sets up, say.
    if (!holds && sumOf(outcomes.map(({ outcome }) => outcome)).failed === 0)
      outcomes.push({ name: 'Jest itself', outcome: outcomeOfCheck(false) });
    return Promise.resolve(outcomes);
  },
});

const SUITE_NAMES: Readonly<Record<Suite, string>> = {
  unit: 'unit tests',
  int: 'integration tests',
  e2e: 'end-to-end tests',
};

const readResults = (file: string): JestFile[] =>
  existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).testResults : [];

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
  check('types', () => checkTypes(context)),
  check('layers', () => node(context.root, ['--import', 'tsx', 'tools/layers/main.ts'])),
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

/** The tests, of these suites. */
export const testSteps = (context: StepContext, suites: readonly Suite[]): Step[] => [
  check('build', () => nx(context, 'build')),
  runSuites(context, suites),
];
