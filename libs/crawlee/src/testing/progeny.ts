import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import {
  createLineWatch,
  createTestDatabase,
  freePort,
  startNatsServer,
  workspaceRoot,
} from '@progeny/infra';

/** The real services that a crawler is shown by, each a process, as `nx run <service>:build` has built them. */
export interface Progeny {
  /** The same after a restart. */
  managerUrl: string;
  /** SIGKILL. */
  killManager(): Promise<void>;
  startManager(): Promise<void>;
  stop(): Promise<void>;
}

interface Service {
  start(): Promise<void>;
  kill(): Promise<void>;
}

export async function startProgeny(): Promise<Progeny> {
  const folder = mkdtempSync(path.join(tmpdir(), 'progeny-services-'));
  const database = await createTestDatabase();
  const nats = await startNatsServer({ port: 0, storeDir: folder });
  const [managerPort, executorPort] = [await freePort(), await freePort()];
  const env = { ...process.env, DATABASE_URL: database.url, NATS_URL: nats.url, LOG_LEVEL: 'info' };
  const manager = serviceOf('manager', { ...env, MANAGER_PORT: String(managerPort) });
  const executor = serviceOf('parent-executor', { ...env, EXECUTOR_PORT: String(executorPort) });
  await Promise.all([manager.start(), executor.start()]);
  return {
    managerUrl: `http://127.0.0.1:${managerPort}`,
    killManager: () => manager.kill(),
    startManager: () => manager.start(),
    async stop() {
      await Promise.all([manager.kill(), executor.kill()]);
      await nats.stop();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function serviceOf(name: string, env: NodeJS.ProcessEnv): Service {
  let child: ChildProcess | undefined;
  return {
    async start() {
      const started = spawn(process.execPath, [path.join(workspaceRoot(), `apps/${name}/dist/main.js`)], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      child = started;
      const log = createLineWatch();
      createInterface({ input: started.stdout }).on('line', log.write);
      const ended = once(started, 'exit').then(() => {
        throw new Error(`${name} ended: ${log.lines.at(-1)?.msg}`);
      });
      await Promise.race([log.said('started'), ended]);
      ended.catch(() => {});
    },
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
