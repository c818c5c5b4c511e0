import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { workspaceRoot } from '../workspace-root.ts';

const run = promisify(execFile);

/** Somebody else's project, that has packages of this workspace installed as from a registry. */
export interface Consumer {
  folder: string;
  /** What was published of the last of the packages. */
  files: string[];
  /** Runs Node.js there. Rejects when it fails, with what it printed. */
  node(...args: string[]): Promise<string>;
  typescript(...args: string[]): Promise<string>;
  remove(): void;
}

/**
 * Packs what `nx run <project>:build` has built of these projects of libs/, and installs it in an empty folder, with
 * links to the workspace's own copies of the packages in `linked`.
 */
export async function installPacked(
  projects: readonly string[],
  { linked = [] }: { linked?: readonly string[] } = {},
): Promise<Consumer> {
  const root = workspaceRoot();
  const folder = mkdtempSync(path.join(tmpdir(), 'progeny-consumer-'));
  const modules = path.join(folder, 'node_modules');
  const builds = projects.map((project) => path.join(root, 'libs', project, 'dist'));
  const missing = projects.filter((_, at) => !existsSync(path.join(builds[at] ?? '', 'package.json')));
  if (missing.length > 0) throw new Error(`not built yet; run: npx nx run-many -t build -p ${missing}`);
  const { stdout } = await run('npm', ['pack', ...builds, '--json', '--pack-destination', folder], {
    cwd: folder,
  });
  const packed = JSON.parse(stdout) as { name: string; filename: string; files: { path: string }[] }[];
  for (const { name, filename } of packed) {
    const installed = path.join(modules, name);
    mkdirSync(installed, { recursive: true });
    await run('tar', ['-xzf', path.join(folder, filename), '-C', installed, '--strip-components=1']);
  }
  for (const name of linked) {
    mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
    symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
  }
  const node = async (...args: string[]): Promise<string> =>
    (await run(process.execPath, args, { cwd: folder, timeout: 60_000 })).stdout;
  const last = packed.find(({ name }) => name === `@progeny/${projects.at(-1)}`);
  if (!last) throw new Error('npm packed nothing');
  return {
    folder,
    files: last.files.map((file) => file.path).sort(),
    node,
    typescript: (...args) => node(path.join(root, 'node_modules/typescript/bin/tsc'), ...args),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
