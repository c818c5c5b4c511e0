import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestDatabase, workspaceRoot } from '@progeny/infra';

export interface Product {
  pageUrl: string;
  databaseUrl: string;
  /** The process of a service, as the supervisor knows it now; `manager-2` is the second replica. */
  pidOf(service: string): number;
  /** The page of a manager, the socket of a gateway, and so on: `http://host:port`. */
  urlOf(service: string): string;
  /** Resolves when the supervisor has said a line that matches. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** Ctrl-C; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/**
 * `npm start` as a user has it after the build, on a database, ports and a folder of its own. `args` are those after
 * `--`.
 * Resolves at once; wait for what it says.
 */
export async function startProduct(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Omit<Product, 'pageUrl'>> {
  const database = await createTestDatabase();
  const folder = mkdtempSync(path.join(tmpdir(), 'progeny-e2e-'));
  const launcher = spawn(
    process.execPath,
    ['tools/start.mjs', '--no-build', '--port', '0', '--gateway-port', '0', ...args],
    {
      cwd: workspaceRoot(),
      env: {
        ...process.env,
        ...env,
        PROGENY_DIR: folder,
        DATABASE_URL: database.url,
        NATS_URL: '',
        EXECUTOR_PORT: '0',
        WORKER_PORT: '0',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const said = listenTo(launcher);
  const exited = once(launcher, 'exit');
  const recordOf = (service: string) => {
    const { services } = JSON.parse(readFileSync(path.join(folder, 'run.json'), 'utf8'));
    return services.findLast(({ name }: { name: string }) => name === service);
  };
  return {
    databaseUrl: database.url,
    said,
    pidOf: (service) => recordOf(service).pid,
    urlOf: (service) => new URL(recordOf(service).readyUrls[0]).origin,
    async stop() {
      launcher.kill('SIGINT');
      const [code] = await exited;
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
      return code;
    },
  };
}

/** The product serving its page, without a crawl. */
export async function serveProduct(
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Product> {
  const product = await startProduct(['--no-demo', ...args], env);
  const [, pageUrl = ''] = await product.said(/Page\s+(http:\S+)/);
  return { ...product, pageUrl };
}

/** Finds a pattern in everything said so far and from now on; rejects when the process ends without it. */
function listenTo(launcher: ChildProcess): (pattern: RegExp) => Promise<RegExpExecArray> {
  let text = '';
  const listeners = new Set<() => void>();
  for (const stream of [launcher.stdout, launcher.stderr]) {
    stream?.on('data', (chunk) => {
      text += chunk;
      for (const listener of listeners) listener();
    });
  }
  return (pattern) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(text);
        if (!match) return;
        listeners.delete(look);
        resolve(match);
      };
      launcher.once('close', () => reject(new Error(`it ended without saying ${pattern}:\n${text}`)));
      listeners.add(look);
      look();
    });
}
