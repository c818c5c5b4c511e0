import { readFileSync } from 'node:fs';

const { paths } = JSON.parse(
  readFileSync(new URL('./tsconfig.base.json', import.meta.url), 'utf8'),
).compilerOptions;

/** The suffix of a test tells what it costs: unit needs nothing, int a real server, e2e real processes and a browser. */
const suite = (displayName, testRegex, more = {}) => ({
  displayName,
  testRegex,
  testEnvironment: 'node',
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
  moduleNameMapper: Object.fromEntries(
    Object.entries(paths).map(([name, [file]]) => [`^${name}$`, `<rootDir>/${file}`]),
  ),
  transform: {
    '^.+\\.(t|j)sx?$|^.+\\.mjs$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic' } },
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  transformIgnorePatterns: [
    '/node_modules/(?!(uuid|content-disposition|cookie|jose|wouter|regexparam|mitt|@prisma/schema-engine-wasm)/|@prisma/client/runtime/.*\\.mjs$)',
  ],
  ...more,
});

/** `createTestDatabase` of @progeny/infra works in these suites; PostgreSQL starts when the first test calls it. */
const withDatabases = {
  globalSetup: '<rootDir>/libs/infra/src/testing/global-setup.ts',
  globalTeardown: '<rootDir>/libs/infra/src/testing/global-teardown.ts',
};

export default {
  // What a machine that is busy with something else does late is not wrong.
  testTimeout: 60_000,
  // What tests leave behind in a worker slows down all that follow; a fresh one costs half a second.
  workerIdleMemoryLimit: '300MB',
  testSequencer: '<rootDir>/tools/test/longest-first.mjs',
  projects: [
    suite('unit', ['(?<!\\.int)(?<!\\.e2e)\\.test\\.tsx?$']),
    suite('int', ['\\.int\\.test\\.ts$'], withDatabases),
    suite('e2e', ['\\.e2e\\.test\\.ts$'], withDatabases),
  ],
};
