import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROJECT = path.resolve(__dirname, '../..');
const packageFolder = (name: string): string =>
  path.dirname(createRequire(path.join(PROJECT, 'package.json')).resolve(`${name}/package.json`));

/** Somebody else's project, that has the packages installed as from a registry. */
export interface Consumer {
  folder: string;
  /** What was published of `@progeny/react`. */
  files: string[];
  /** Runs Node.js there. Rejects when it fails, with what it printed. */
  node(...args: string[]): Promise<string>;
  typescript(...args: string[]): Promise<string>;
  /** Puts another copy of a package in, under this name. */
  install(name: string, from: string): void;
  remove(): void;
}

/** Packs what `nx run react:build` has built. */
export async function createConsumer(): Promise<Consumer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'progeny-consumer-'));
  const modules = path.join(folder, 'node_modules');
  const pack = async (project: string): Promise<string[]> => {
    const dist = path.resolve(PROJECT, '..', project, 'dist');
    const { stdout } = await run('npm', ['pack', dist, '--json', '--pack-destination', folder], {
      cwd: folder,
    });
    const [packed] = JSON.parse(stdout) as { name: string; filename: string; files: { path: string }[] }[];
    if (!packed) throw new Error('npm packed nothing');
    const installed = path.join(modules, packed.name);
    mkdirSync(installed, { recursive: true });
    await run('tar', ['-xzf', path.join(folder, packed.filename), '-C', installed, '--strip-components=1']);
    return packed.files.map((file) => file.path).sort();
  };
  await pack('client');
  const files = await pack('react');

  const install = (name: string, from: string): void => {
    const target = path.join(modules, name);
    rmSync(target, { recursive: true, force: true });
    cpSync(packageFolder(from), target, { recursive: true });
  };
  for (const name of ['@types/react', 'csstype']) install(name, name);
  const node = async (...args: string[]): Promise<string> =>
    (await run(process.execPath, args, { cwd: folder, timeout: 60_000 })).stdout;
  return {
    folder,
    files,
    node,
    typescript: (...args) => node(path.join(packageFolder('typescript'), 'bin/tsc'), ...args),
    install,
    remove: () => rmSync(folder, { recursive: true }),
  };
}
