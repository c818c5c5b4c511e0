import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { workspaceRoot } from '@progeny/infra';

const run = promisify(execFile);

/** Somebody else's project, with the packages installed as from a registry, and Crawlee. */
export interface Consumer {
  folder: string;
  /** What was published of `@progeny/crawlee`. */
  files: string[];
  installed(file: string): string;
  typescript(...args: string[]): Promise<string>;
  /** Runs a script there. */
  start(script: string, ...args: string[]): Script;
  remove(): void;
}

export interface Script {
  /** Resolves with the first line that the script prints and that begins so; rejects when it ends without. */
  line(start: string): Promise<string>;
  /** Resolves with the exit code. */
  ended: Promise<number | null>;
  kill(): void;
}

/** Packs what `nx run crawlee:build` has built, which builds the reporter too. */
export async function createConsumer(): Promise<Consumer> {
  const root = workspaceRoot();
  const folder = mkdtempSync(path.join(tmpdir(), 'progeny-crawlee-'));
  const modules = path.join(folder, 'node_modules');
  mkdirSync(path.join(modules, '@types'), { recursive: true });
  const pack = async (project: string): Promise<string[]> => {
    const dist = path.join(root, 'libs', project, 'dist');
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
  await pack('reporter');
  const files = await pack('crawlee');
  for (const name of ['@crawlee', '@types/node', 'undici-types']) {
    symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
  }
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  return {
    folder,
    files,
    installed: (file) => readFileSync(path.join(modules, '@progeny/crawlee', file), 'utf8'),
    typescript: async (...args) =>
      (
        await run(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), ...args], {
          cwd: folder,
        })
      ).stdout,
    start: (script, ...args) =>
      follow(
        spawn(process.execPath, [script, ...args], {
          cwd: folder,
          env: { ...process.env, CRAWLEE_LOG_LEVEL: 'OFF', CRAWLEE_MEMORY_MBYTES: '2048' },
          stdio: ['ignore', 'pipe', 'inherit'],
        }),
      ),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function follow(child: ChildProcess): Script {
  const printed: string[] = [];
  const waiting = new Set<() => void>();
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  lines.on('line', (line) => {
    printed.push(line);
    for (const look of waiting) look();
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    line: (start) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = printed.find((line) => line.startsWith(start));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`it ended, and had said ${printed.join('\n')}`)));
      }),
    ended,
    kill: () => void child.kill('SIGKILL'),
  };
}
