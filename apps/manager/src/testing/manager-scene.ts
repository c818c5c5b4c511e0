import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type JobStatusChange, LIMITS, type ParentView, type Problem } from '@progeny/contract';
import { createMemoryEventBus, createMemoryHub, type EventBus } from '@progeny/event-bus';
import { type Authenticator, createAuthenticator } from '@progeny/identity';
import { callerStore, type JobStore } from '@progeny/job-store';
import { createMemoryHarness } from '@progeny/job-store/contract-suite';
import { createLog, createMetrics, createOpsHandler, readConfig } from '@progeny/kit';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { composeJobs } from '../compose.ts';
import { managerConfigSchema } from '../config.ts';
import type { Housekeeping } from '../housekeeping.ts';
import { createHttpApp } from '../http/http-app.ts';
import { createProgressFeed, type ProgressFeed } from '../progress/progress-feed.ts';
import { createWorkerHandlers } from '../worker-endpoints.ts';
import { until } from './until.ts';

/** The manager on the ledger in memory, asked as over HTTP and over the bus. */
export interface ManagerScene {
  app: FastifyInstance;
  store: JobStore;
  /** Another participant of the bus. */
  bus: EventBus;
  /** The manager's own end of the bus. */
  ownBus: EventBus;
  feed: ProgressFeed;
  housekeeping: Housekeeping;
  /** The status changes that were published. */
  changes: JobStatusChange[];
  post(url: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(url: string, headers?: Record<string, string>): Promise<Answer>;
  ask(options: InjectOptions): Promise<Answer>;
  createParent(body?: Record<string, unknown>): Promise<ParentView>;
  /** Resolves when this many changes to that status were published. */
  untilChanged(to: JobStatusChange['to'], count: number): Promise<void>;
  close(): Promise<void>;
}

export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: what a test asserts of an answer is its shape
  body: any;
  problem: Problem;
}

export async function createManagerScene({
  env = {},
  breakStore = (store) => store,
  authenticator,
}: {
  env?: Record<string, string>;
  /** Left out: as the environment says. */
  authenticator?: Authenticator;
  breakStore?: (store: JobStore) => JobStore;
} = {}): Promise<ManagerScene> {
  const harness = await createMemoryHarness();
  const broken = breakStore(harness.store);
  const store: JobStore = { ...broken, as: (caller) => callerStore(broken, caller) };
  const hub = createMemoryHub();
  const own = createMemoryEventBus({ hub });
  const bus = createMemoryEventBus({ hub });
  const changes: JobStatusChange[] = [];
  bus.subscribe({ topic: 'job_status_change' }, ({ payload }) => void changes.push(payload));
  const log = createLog({ service: 'test', level: 'silent' });
  const config = readConfig(managerConfigSchema, env);
  const counts = { onChanges: () => {}, onRefused: () => {}, onLost: () => {} };
  const { jobs, housekeeping, drain } = composeJobs({ config, store, bus: own, log, counts });
  const workers = createWorkerHandlers(jobs, store);
  own.serve(workers);
  const feed = createProgressFeed({ bus: own, maxWaiting: LIMITS.longPollsWaiting });
  const app = await createHttpApp({
    config,
    jobs,
    store,
    authenticator: authenticator ?? createAuthenticator(config),
    feed,
    log,
    ops: createOpsHandler({ metrics: createMetrics({ service: 'test' }), checks: {} }),
  });
  await app.ready();

  const ask = async (options: InjectOptions): Promise<Answer> => {
    const { statusCode, headers, body } = await app.inject(options);
    const isJson = String(headers['content-type']).includes('json');
    const parsed = isJson ? JSON.parse(body) : body;
    return { status: statusCode, headers, body: parsed, problem: parsed };
  };
  const post: ManagerScene['post'] = (url, body, headers = {}) =>
    ask({
      method: 'POST',
      url,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return {
    app,
    store,
    bus,
    ownBus: own,
    feed,
    housekeeping,
    changes,
    ask,
    post,
    get: (url, headers = {}) => ask({ method: 'GET', url, headers }),
    async createParent(body = { type: 'custom', children: [{ key: 'a' }] }) {
      return (await post('/v1/jobs', body)).body;
    },
    async untilChanged(to, count) {
      await until(() => changes.filter((change) => change.to === to).length >= count);
    },
    async close() {
      await app.close();
      await drain();
      await Promise.all([own.close(), bus.close()]);
      await harness.close();
    },
  };
}

/** A folder as the page's build leaves it. */
export function createWebDist(): { folder: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'progeny-web-'));
  mkdirSync(path.join(folder, 'assets'));
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>Progeny</title>');
  writeFileSync(path.join(folder, 'assets/app-1a2b3c.js'), 'export {};');
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}
