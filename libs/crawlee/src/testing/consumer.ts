import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { installPacked, type Consumer as PackedConsumer } from '@progeny/infra';

/** Somebody else's project, with the packages installed as from a registry, and Crawlee. */
export interface Consumer extends PackedConsumer {
  installed(file: string): string;
  /** Runs a script there. */
  start(script: string, ...args: string[]): Script;
}

export interface Script {
  /** Resolves with the first line that the script prints and that begins so; rejects when it ends without. */
  line(start: string): Promise<string>;
  /** Resolves with the exit code. */
  ended: Promise<number | null>;
  kill(): void;
}

export async function createConsumer(): Promise<Consumer> {
  const consumer = await installPacked(['reporter', 'crawlee'], {
    linked: ['@crawlee', '@types/node', 'undici-types'],
  });
  const { folder } = consumer;
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  return {
    ...consumer,
    installed: (file) => readFileSync(path.join(folder, 'node_modules/@progeny/crawlee', file), 'utf8'),
    start: (script, ...args) =>
      follow(
        spawn(process.execPath, [script, ...args], {
          cwd: folder,
          env: { ...process.env, CRAWLEE_LOG_LEVEL: 'OFF', CRAWLEE_MEMORY_MBYTES: '2048' },
          stdio: ['ignore', 'pipe', 'inherit'],
        }),
      ),
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
