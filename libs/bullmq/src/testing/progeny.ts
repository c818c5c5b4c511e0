import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChildView, ParentJobProgress, ParentView } from '@progeny/contract';
import { createLineWatch, openTcpGate, startNeighbours, type TcpGate, workspaceRoot } from '@progeny/infra';

/** Nothing tells of a new parent over HTTP. */
const LOOK_EVERY_MS = 50;

/** The manager and the parent executor as processes of their own, on a database and a NATS server of their own. */
export interface Progeny {
  /** Of the manager, through the gate. */
  url: string;
  gate: TcpGate;
  parents(): Promise<ParentView[]>;
  /** Resolves when there is one. */
  parentNamed(name: string): Promise<ParentView>;
  childrenOf(jobId: string): Promise<ChildView[]>;
  /** Resolves with the first state of the parent that is as wanted; it waits for changes, not for time. */
  progressWhere(
    jobId: string,
    isWanted: (progress: ParentJobProgress) => boolean,
  ): Promise<ParentJobProgress>;
  stop(): Promise<void>;
}

export async function startProgeny(): Promise<Progeny> {
  const neighbours = await startNeighbours();
  const env = { DATABASE_URL: neighbours.databaseUrl, NATS_URL: neighbours.natsUrl };
  const manager = startService('manager', { ...env, MANAGER_PORT: '0' });
  const executor = startService('parent-executor', { ...env, EXECUTOR_PORT: '0' });
  executor.url.catch(() => {});
  const managerUrl = await manager.url;
  const gate = await openTcpGate(managerUrl);
  const get = async (route: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${managerUrl}${route}`, { headers });
  const childrenOf: Progeny['childrenOf'] = async (jobId) => {
    const children: ChildView[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const more: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = await (await get(`/v1/jobs/${jobId}/children?limit=200${more}`)).json();
      children.push(...page.children);
      cursor = page.next_cursor;
    }
    return children;
  };
  const parents = async (): Promise<ParentView[]> => (await (await get('/v1/jobs?limit=200')).json()).jobs;
  return {
    url: gate.url.replace(/\/$/, ''),
    gate,
    parents,
    childrenOf,
    async parentNamed(name) {
      for (;;) {
        const found = (await parents()).find((parent) => parent.name === name);
        if (found) return found;
        await delay(LOOK_EVERY_MS);
      }
    },
    async progressWhere(jobId, isWanted) {
      let etag = '';
      for (;;) {
        const response = await get(
          `/v1/jobs/${jobId}/progress?wait=5`,
          etag === '' ? {} : { 'if-none-match': etag },
        );
        if (response.status === 304) continue;
        const progress: ParentJobProgress = await response.json();
        if (isWanted(progress)) return progress;
        etag = response.headers.get('etag') ?? '';
      }
    },
    async stop() {
      await gate.shut();
      await Promise.all([manager.stop(), executor.stop()]);
      await neighbours.stop();
    },
  };
}

interface Service {
  /** Where it says that it listens; of one that serves nobody it never resolves. */
  url: Promise<string>;
  stop(): Promise<void>;
}

/** From its source. */
function startService(name: string, env: Record<string, string>): Service {
  const main = path.join(workspaceRoot(), 'apps', name, 'src/main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', main], {
    cwd: workspaceRoot(),
    env: { ...process.env, LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const endWithOwner = () => child.kill('SIGKILL');
  process.once('exit', endWithOwner);
  const lines = createLineWatch();
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) lines.write(line);
  });
  const gone = exited.then(([code]): never => {
    throw new Error(`${name} ended with ${code}: ${JSON.stringify(lines.lines.at(-1))}`);
  });
  gone.catch(() => {});
  return {
    url: Promise.race([lines.said('listening').then(({ url }) => String(url)), gone]),
    async stop() {
      process.removeListener('exit', endWithOwner);
      child.kill('SIGTERM');
      await exited;
    },
  };
}
