/** The layer rules, as data: the check reads them, and the table in ARCHITECTURE.md is printed from them. */
export interface LayerRule {
  /** What the layer is for. */
  what: string;
  /** Layers whose projects it may import. */
  mayImport: readonly LayerName[];
  /** Packages from npm that its product code may import; `declared`: whatever its own package.json lists. */
  outside: readonly string[] | 'declared';
}

export const LAYER_NAMES = [
  'contract',
  'core',
  'port',
  'adapter',
  'sdk',
  'kit',
  'worker',
  'app',
  'infra',
  'tool',
  'e2e',
] as const;
export type LayerName = (typeof LAYER_NAMES)[number];

export const LAYERS: Readonly<Record<LayerName, LayerRule>> = {
  contract: {
    what: 'wire types, schemas, subjects, close codes',
    mayImport: ['contract'],
    outside: ['zod'],
  },
  core: {
    what: 'pure rules; time, ids and IO are arguments',
    mayImport: ['contract', 'core'],
    outside: [],
  },
  port: {
    what: 'an interface, its in-memory implementation, its conformance suite',
    mayImport: ['contract', 'core', 'port'],
    outside: [],
  },
  adapter: {
    what: 'one technology behind a port',
    mayImport: ['contract', 'core', 'port'],
    outside: 'declared',
  },
  sdk: {
    what: 'what a client of the services uses, and its hooks for a framework',
    mayImport: ['contract', 'core', 'sdk'],
    outside: ['react', '@crawlee/basic', 'bullmq'],
  },
  kit: {
    what: 'configuration, logging, lifecycle, health, metrics',
    mayImport: ['kit'],
    outside: ['pino', 'pino-pretty', 'prom-client', 'zod'],
  },
  // Apart from `sdk`, which browsers load: a worker stands where NATS trusts whoever connects, and brings the bus along.
  worker: {
    what: 'what those who do the work build on, on Node, with the bus inside',
    mayImport: ['contract', 'core', 'port', 'adapter', 'kit', 'worker'],
    outside: 'declared',
  },
  app: {
    what: 'a process: configuration and composition',
    mayImport: ['contract', 'core', 'port', 'adapter', 'sdk', 'kit', 'worker'],
    outside: 'declared',
  },
  infra: {
    what: 'servers, databases and sites for development and tests',
    mayImport: ['contract', 'core', 'infra'],
    outside: 'declared',
  },
  tool: {
    what: 'the commands of the workspace',
    mayImport: ['contract', 'core', 'port', 'adapter', 'sdk', 'kit', 'worker', 'app', 'infra'],
    outside: 'declared',
  },
  e2e: {
    what: 'tests of the whole with real processes and a browser',
    mayImport: ['contract', 'core', 'port', 'adapter', 'sdk', 'kit', 'worker', 'app', 'infra', 'tool'],
    outside: 'declared',
  },
};

/** Where a project's code can run. `node:*` is for node alone; a project imports its own platform and `any`. */
export const PLATFORM_NAMES = ['any', 'browser', 'node'] as const;
export type PlatformName = (typeof PLATFORM_NAMES)[number];
export const PLATFORMS: Readonly<
  Record<PlatformName, { mayImport: readonly PlatformName[]; nodeModules: boolean }>
> = {
  any: { mayImport: ['any'], nodeModules: false },
  browser: { mayImport: ['any', 'browser'], nodeModules: false },
  node: { mayImport: ['any', 'node'], nodeModules: true },
};

/** Files that are never part of the product: tests, and what only tests import. */
export const TEST_FILE =
  /\.(test|e2e)\.tsx?$|\/testing\/|(^|\/)(fake|fixture)-[^/]*$|contract-suite|\/conformance\//;
/** What the users of a package read and copy: it imports the package as they do. */
export const EXAMPLE_FILE = /(^|\/)examples\//;
/** Files that set up a project's own tools. */
export const CONFIG_FILE = /(^|\/)[^/]+\.config\.[cm]?[jt]s$/;
/** Layers that tests may import beyond their project's own. */
export const TESTS_MAY_IMPORT: readonly LayerName[] = ['infra', 'port', 'adapter', 'kit'];
/** Parts of a package that exist for tests: `@progeny/event-bus/contract-suite`, `@progeny/identity/testing`. */
export const TEST_ENTRY = /\/(contract-suite|testing)$/;
