import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findBreaches } from './find-breaches.ts';
import { findGraphBreaches } from './find-graph-breaches.ts';
import { type NxGraph, readSources, readWorkspace, TagError } from './read-workspace.ts';

let root: string;

interface Fixture {
  tags: string[];
  dependencies?: string[];
  files?: Record<string, string>;
}

/** A small workspace on disk in which nothing is wrong yet. */
const SOUND: Record<string, Fixture> = {
  'libs/contract': {
    tags: ['layer:contract', 'platform:any'],
    dependencies: ['zod'],
    files: { 'src/index.ts': "import { z } from 'zod';" },
  },
  'libs/core': {
    tags: ['layer:core', 'platform:any'],
    dependencies: ['@progeny/contract'],
    files: {
      'src/index.ts': "export { rule } from './rule.ts';",
      'src/rule.ts': "import type { Wire } from '@progeny/contract';",
      'src/rule.test.ts': "import fc from 'fast-check'; import { readFileSync } from 'node:fs';",
    },
  },
  'libs/bus': {
    tags: ['layer:port', 'platform:any'],
    dependencies: ['@progeny/contract'],
    files: { 'src/index.ts': '', 'src/contract-suite.ts': '' },
  },
  'libs/bus-nats': {
    tags: ['layer:adapter', 'platform:node'],
    dependencies: ['@progeny/bus', 'nats'],
    files: {
      'src/index.ts': "import { connect } from 'nats'; import { readFile } from 'node:fs/promises';",
      'src/index.int.test.ts': "import { describeBus } from '@progeny/bus/contract-suite';",
    },
  },
  'libs/infra': { tags: ['layer:infra', 'platform:node'] },
  'apps/manager': {
    tags: ['layer:app', 'platform:node'],
    dependencies: ['@progeny/core', '@progeny/bus-nats', '@progeny/gateway'],
    files: { 'src/main.ts': "const { rule } = await import('@progeny/core');" },
  },
  'apps/gateway': { tags: ['layer:app', 'platform:node'] },
};

const nameOf = (folder: string) => path.basename(folder);

function write(fixtures: Record<string, Fixture>): NxGraph {
  writeFileSync(path.join(root, 'package.json'), JSON.stringify({ devDependencies: { 'fast-check': '*' } }));
  for (const [folder, { dependencies = [], files = {} }] of Object.entries(fixtures)) {
    const manifest = {
      name: `@progeny/${nameOf(folder)}`,
      dependencies: Object.fromEntries(dependencies.map((name) => [name, '*'])),
    };
    const all = { 'package.json': JSON.stringify(manifest), ...files };
    for (const [file, content] of Object.entries(all)) {
      const full = path.join(root, folder, file);
      mkdirSync(path.dirname(full), { recursive: true });
      writeFileSync(full, content);
    }
  }
  return {
    nodes: Object.fromEntries(
      Object.entries(fixtures).map(([folder, { tags }]) => [
        nameOf(folder),
        { data: { root: folder, tags } },
      ]),
    ),
    dependencies: {},
  };
}

/** The breaches of the sound workspace with one file put in. */
function breachesWith(file: string, content: string) {
  const graph = write(SOUND);
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), content);
  const workspace = readWorkspace(root, graph);
  return findBreaches(readSources(root, workspace), workspace);
}

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'progeny-layers-'));
});
afterEach(() => rmSync(root, { recursive: true }));

test('a workspace that keeps the rules has no breach', () => {
  expect(breachesWith('libs/core/src/more.ts', 'export const more = 1;')).toEqual([]);
});

test('an example imports its package by name, as its readers will', () => {
  expect(breachesWith('libs/core/examples/use.ts', "import { rule } from '@progeny/core';")).toEqual([]);
});

test.each([
  ['core', 'a layer above', "import { x } from '@progeny/bus';", 'layer:core does not import layer:port'],
  ['core', 'a type alone', "import type { X } from '@progeny/bus';", 'layer:core does not import layer:port'],
  ['core', 'a type in place', "type X = import('@progeny/bus').X;", 'layer:core does not import layer:port'],
  ['core', 'a late import', "void import('@progeny/bus');", 'layer:core does not import layer:port'],
  ['core', 'a re-export', "export { x } from '@progeny/bus';", 'layer:core does not import layer:port'],
  ['core', 'require', "const x = require('@progeny/bus');", 'layer:core does not import layer:port'],
  [
    'core',
    'Node.js',
    "import { readFileSync } from 'node:fs';",
    'platform:any does not import modules of Node.js',
  ],
  [
    'core',
    'Node.js by its old name',
    "import fs from 'fs';",
    'platform:any does not import modules of Node.js',
  ],
  ['core', 'a package', "import { z } from 'zod';", 'layer:core imports no outside package but: none'],
  [
    'contract',
    'another package',
    "import x from 'pg';",
    'layer:contract imports no outside package but: zod',
  ],
  [
    'contract',
    'what is above',
    "import { x } from '@progeny/core';",
    'layer:contract does not import layer:core',
  ],
  [
    'bus-nats',
    'a package not listed',
    "import x from 'pg';",
    'libs/bus-nats/package.json does not list it under dependencies',
  ],
  [
    'bus-nats',
    'test support',
    "import { x } from '@progeny/infra';",
    'layer:adapter does not import layer:infra',
  ],
  [
    'bus-nats',
    'the suite',
    "import { x } from '@progeny/bus/contract-suite';",
    'product code does not import what is there for tests',
  ],
  [
    'bus-nats',
    'its own tests',
    "import { x } from './index.int.test.ts';",
    'product code does not import what is there for tests',
  ],
  [
    'core',
    'a project by its path',
    "import { x } from '../../contract/src/index.ts';",
    'another project is imported by its package name only',
  ],
  [
    'core',
    'itself by name',
    "import { x } from '@progeny/core';",
    'a project imports its own files by their path',
  ],
])('%s may not import %s', (name, _what, content, rule) => {
  const file = `libs/${name}/src/breach.ts`;
  const imported = /'([^']+)'/.exec(content)?.[1];
  expect(breachesWith(file, content)).toEqual([{ file, imported, rule }]);
});

test('an app may not import another app', () => {
  expect(breachesWith('apps/manager/src/breach.ts', "import { x } from '@progeny/gateway';")).toEqual([
    expect.objectContaining({ rule: 'layer:app does not import layer:app' }),
  ]);
});

test('Nx knows of a dependency that no source has yet', () => {
  const graph = write(SOUND);
  graph.dependencies = {
    core: [
      { source: 'core', target: 'gateway' },
      { source: 'core', target: 'npm:zod' },
    ],
  };
  expect(findGraphBreaches(graph, readWorkspace(root, graph).projects)).toEqual([
    {
      file: 'libs/core/package.json',
      imported: '@progeny/gateway',
      rule: 'layer:core does not depend on layer:app',
    },
  ]);
});

test.each([
  [['platform:any'], 'core needs one layer: tag of'],
  [['layer:core', 'layer:port', 'platform:any'], 'it has core, port'],
  [['layer:core', 'platform:moon'], 'it has moon'],
])('a project with the tags %j is refused', (tags, message) => {
  const graph = write({ 'libs/core': { tags } });
  expect(() => readWorkspace(root, graph)).toThrow(TagError);
  expect(() => readWorkspace(root, graph)).toThrow(message);
});
