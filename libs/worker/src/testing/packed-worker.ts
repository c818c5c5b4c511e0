import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROJECT = path.resolve(__dirname, '../..');
const WORKSPACE = path.resolve(PROJECT, '../..');
/** What the package depends on, and what its users compile with. */
const LINKED = ['nats', 'zod', '@types/node', 'undici-types'];

/** An empty project that has the package installed as from a registry. */
export interface PackedWorker {
  folder: string;
  /** What was published. */
  files: string[];
  read(file: string): string;
  node(...args: string[]): Promise<string>;
  typescript(...args: string[]): Promise<string>;
  remove(): void;
}

/** Builds the package, packs it and installs what came out. */
export async function packWorker(): Promise<PackedWorker> {
  const folder = mkdtempSync(path.join(tmpdir(), 'progeny-worker-package-'));
  const built = path.join(folder, 'built');
  await run(process.execPath, ['tools/package.mjs', 'libs/worker', built], { cwd: WORKSPACE });
  const { stdout } = await run('npm', ['pack', built, '--json', '--pack-destination', folder], {
    cwd: folder,
  });
  const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
  if (!packed) throw new Error('npm packed nothing');
  const installed = path.join(folder, 'node_modules/@progeny/worker');
  mkdirSync(installed, { recursive: true });
  await run('tar', ['-xzf', path.join(folder, packed.filename), '-C', installed, '--strip-components=1']);
  rmSync(built, { recursive: true });
  mkdirSync(path.join(folder, 'node_modules/@types'));
  for (const name of LINKED) {
    symlinkSync(path.join(WORKSPACE, 'node_modules', name), path.join(folder, 'node_modules', name));
  }
  const node = async (...args: string[]): Promise<string> =>
    (await run(process.execPath, args, { cwd: folder, timeout: 60_000 })).stdout;
  return {
    folder,
    files: packed.files.map((file) => file.path).sort(),
    read: (file) => readFileSync(path.join(installed, file), 'utf8'),
    node,
    typescript: (...args) => node(path.join(WORKSPACE, 'node_modules/typescript/bin/tsc'), ...args),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** The first example of the README. */
export function readmeExample(): string {
  const example = /```js\n([\s\S]*?)```/.exec(readFileSync(path.join(PROJECT, 'README.md'), 'utf8'))?.[1];
  if (!example) throw new Error('the README has no example');
  return example;
}
