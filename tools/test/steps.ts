import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Installation, installChromium, installNatsServer } from '@progeny/infra';
import { NOTHING, type Outcome, outcomeOfCheck, outcomeOfJest, sumOf } from './outcome.ts';

export interface StepContext {
  root: string;
  /** Folders of projects to test alone; empty for everything. */
  only: readonly string[];
}

export interface Step {
  name: string;
  run(): Promise<Outcome>;
}

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

/** One suite of all projects. Its tests are counted one by one, from the cache or not. */
const suite = (context: StepContext, name: string, options: { target: string; results: string }): Step => ({
  name,
  run: () => {
    const holds = nx(context, options.target);
    const tests = readResults(path.join(context.root, RESULTS), `.${options.results}.json`);
    // Nx may fail where no test did: a missing build, say.
    const unexplained = !holds && tests.failed === 0;
    return Promise.resolve(sumOf([tests, unexplained ? outcomeOfCheck(false) : NOTHING]));
  },
});

function readResults(folder: string, ending: string): Outcome {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(ending)) : [];
  return sumOf(files.map((file) => outcomeOfJest(JSON.parse(readFileSync(path.join(folder, file), 'utf8')))));
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
  suite(context, 'unit tests', { target: 'test', results: 'unit' }),
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
];

export const serverSteps = (context: StepContext): Step[] => [
  suite(context, 'integration tests', { target: 'test-int', results: 'int' }),
  suite(context, 'end-to-end tests', { target: 'test-e2e', results: 'e2e' }),
];
