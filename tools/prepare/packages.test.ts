import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { workspaceRoot } from '@progeny/infra';
import { nodeVersionFault } from './node-version.mjs';
import { arePackagesInstalled } from './packages.mjs';

interface Entry {
  version?: string;
  link?: boolean;
  optional?: boolean;
  os?: string[];
}

describe('whether the packages are installed', () => {
  const LOCKED: Record<string, Entry> = {
    '': {},
    'libs/core': { version: '0.1.0' },
    'node_modules/@progeny/core': { link: true },
    'node_modules/zod': { version: '4.6.7' },
    'node_modules/swc-darwin': { version: '1.0.0', optional: true, os: ['darwin'] },
    'node_modules/swc-linux': { version: '1.0.0', optional: true, os: ['linux'] },
  };
  const { '': _root, 'node_modules/swc-darwin': _darwin, ...ON_LINUX } = LOCKED;
  let root: string;

  const isInstalled = (
    installed: Record<string, Entry> | null,
    platform: NodeJS.Platform = 'linux',
  ): boolean => {
    writeFileSync(path.join(root, 'package-lock.json'), JSON.stringify({ packages: LOCKED }));
    if (installed) {
      mkdirSync(path.join(root, 'node_modules'));
      writeFileSync(
        path.join(root, 'node_modules/.package-lock.json'),
        JSON.stringify({ packages: installed }),
      );
    }
    return arePackagesInstalled(root, { platform, arch: 'x64' });
  };

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'progeny-packages-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test('what the lock file says is installed, less the optional packages of other platforms', () => {
    expect(isInstalled(ON_LINUX)).toBe(true);
  });

  test.each<[string, Record<string, Entry> | null]>([
    ['nothing is there', null],
    ['a version is another', { ...ON_LINUX, 'node_modules/zod': { version: '4.6.6' } }],
    ['a package is missing', { 'node_modules/@progeny/core': { link: true } }],
    ['a package is there that was taken out', { ...ON_LINUX, 'node_modules/left': { version: '1.0.0' } }],
    ['a workspace package is a copy', { ...ON_LINUX, 'node_modules/@progeny/core': { version: '0.1.0' } }],
  ])('not when %s', (_case, installed) => {
    expect(isInstalled(installed)).toBe(false);
  });

  test('not when the folder was made on another platform', () => {
    expect(isInstalled(ON_LINUX, 'darwin')).toBe(false);
  });
});

test('the lock file names the packages of every platform; if not, run `npm run lock`', async () => {
  const { missingOptionals } = await import('./lock-file.mjs');
  const lock = JSON.parse(readFileSync(path.join(workspaceRoot(), 'package-lock.json'), 'utf8'));
  expect(missingOptionals(lock.packages)).toEqual([]);
});

test.each([
  ['20.19.0', null],
  ['22.0.0', null],
  ['20.18.3', expect.stringContaining('needs Node.js 20.19 or newer; this is 20.18.3')],
  ['18.20.0', expect.stringContaining('this is 18.20.0')],
])('Node.js %s is told what it has to be told', (version, fault) => {
  expect(nodeVersionFault(version)).toEqual(fault);
});
