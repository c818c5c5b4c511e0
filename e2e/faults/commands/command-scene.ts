import { setTimeout as delay } from 'node:timers/promises';
import { parentViewSchema } from '@progeny/contract';
import { Pool } from 'pg';
import { type ParentRow, readLifecycle, readParents } from '../checkers/ledger-rows.ts';
import { SHORT } from '../forms.ts';
import { type Api, createApi } from '../load/api.ts';
import type { Build } from '../stack/build-services.ts';
import { type Stack, startStack } from '../stack/stack.ts';

/** One manager, one executor and one gateway, and somebody who gives commands and looks at the rows. */
export interface CommandScene {
  stack: Stack;
  api: Api;
  pool: Pool;
  gatewayUrl: string;
  /** A sealed custom parent whose children wait. */
  create(children: number, more?: Record<string, unknown>): Promise<string>;
  childIds(jobId: string): Promise<string[]>;
  report(jobIds: readonly string[], status: 'running' | 'failed'): Promise<void>;
  /** The parent's row when it is as wanted. Rejects when it never gets there. */
  until(jobId: string, isReached: (parent: ParentRow) => boolean): Promise<ParentRow>;
  lifecycle(jobId: string): Promise<string>;
  /** Kills the only replica of it; another process follows in half a second and knows nothing. */
  kill(service: 'manager' | 'parent-executor'): void;
  close(): Promise<void>;
}

const CHILDREN_PER_REQUEST = 5_000;
const REPORTS_PER_REQUEST = 1_000;
const LOOK_EVERY_MS = 20;

export async function openCommandScene(
  build: Build,
  { seed, patienceMs }: { seed: number; patienceMs: number },
): Promise<CommandScene> {
  const stack = await startStack({
    build,
    seed,
    replicas: { manager: 1, 'parent-executor': 1, 'ws-gateway': 1, 'crawl-worker': 0 },
    env: SHORT.env,
  });
  const closing = new AbortController();
  const urlOf = (service: 'manager' | 'ws-gateway') => stack.replicasOf(service)[0]?.url ?? '';
  const api = createApi([urlOf('manager')], closing.signal);
  const pool = new Pool({ connectionString: stack.databaseUrl, max: 2 });
  pool.on('error', () => {}); // it goes away before we do
  const parent = async (jobId: string) => (await readParents(pool, [jobId]))[0];

  return {
    stack,
    api,
    pool,
    gatewayUrl: `${urlOf('ws-gateway').replace('http', 'ws')}/ws`,
    async create(children, more = {}) {
      const { body } = await api.post('/v1/jobs', { type: 'custom', child_type: 'command', ...more });
      const { job_id: jobId } = parentViewSchema.pick({ job_id: true }).parse(body);
      for (let start = 0; start < children; start += CHILDREN_PER_REQUEST) {
        const count = Math.min(CHILDREN_PER_REQUEST, children - start);
        const keys = Array.from({ length: count }, (_, index) => ({ key: `${start + index}`, payload: {} }));
        await api.post(`/v1/jobs/${jobId}/children`, { children: keys });
      }
      await api.post(`/v1/jobs/${jobId}/seal`);
      return jobId;
    },
    async childIds(jobId) {
      const { rows } = await pool.query<{ id: string }>(
        'SELECT id FROM job WHERE parent_id = $1 ORDER BY id',
        [jobId],
      );
      return rows.map(({ id }) => id);
    },
    async report(jobIds, status) {
      for (let start = 0; start < jobIds.length; start += REPORTS_PER_REQUEST) {
        const some = jobIds.slice(start, start + REPORTS_PER_REQUEST);
        const reports = some.map((job_id) => ({ job_id, status, attempt: 1 }));
        await api.post('/v1/jobs/status', { reports });
      }
    },
    async until(jobId, isReached) {
      const deadline = Date.now() + patienceMs;
      for (;;) {
        const row = await parent(jobId);
        if (row && isReached(row)) return row;
        if (Date.now() > deadline) throw new Error(`job ${jobId} stays ${JSON.stringify(row)}`);
        await delay(LOOK_EVERY_MS); // PostgreSQL tells nobody
      }
    },
    lifecycle: async (jobId) => (await readLifecycle(pool, [jobId])).map(({ type }) => type).join(),
    kill: (service) => stack.replicasOf(service)[0]?.kill(),
    async close() {
      closing.abort();
      await pool.end();
      await stack.end({ keepFolder: false });
    },
  };
}
