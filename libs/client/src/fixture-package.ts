import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const PROJECT = path.resolve(__dirname, '..');
const WORKSPACE = path.resolve(PROJECT, '../..');

export interface PackedPackage {
  /** An empty project that has the package installed as from a registry, and `ws`. */
  folder: string;
  /** What was published. */
  files: string[];
  /** Runs Node.js in that project. Rejects when it fails, with what it printed. */
  node(...args: string[]): Promise<string>;
  typescript(...args: string[]): Promise<string>;
  remove(): void;
}

/** Builds the package, packs it and installs what came out. */
export async function packPackage(): Promise<PackedPackage> {
  const folder = mkdtempSync(path.join(tmpdir(), 'progeny-package-'));
  const built = path.join(folder, 'built');
  await run(process.execPath, ['tools/package.mjs', 'libs/client', built], { cwd: WORKSPACE });
  const { stdout } = await run('npm', ['pack', built, '--json', '--pack-destination', folder], {
    cwd: folder,
  });
  const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
  if (!packed) throw new Error('npm packed nothing');
  const installed = path.join(folder, 'node_modules/@progeny/client');
  mkdirSync(installed, { recursive: true });
  await run('tar', ['-xzf', path.join(folder, packed.filename), '-C', installed, '--strip-components=1']);
  rmSync(built, { recursive: true });
  symlinkSync(path.join(WORKSPACE, 'node_modules/ws'), path.join(folder, 'node_modules/ws'));

  const node = async (...args: string[]): Promise<string> =>
    (await run(process.execPath, args, { cwd: folder, timeout: 60_000 })).stdout;
  return {
    folder,
    files: packed.files.map((file) => file.path).sort(),
    node,
    typescript: (...args) => node(path.join(WORKSPACE, 'node_modules/typescript/bin/tsc'), ...args),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
