import { type JobStatusChange, parentViewSchema } from '@progeny/contract';
import { createMemoryEventBus, createMemoryHub, type MemoryHub } from '@progeny/event-bus';
import { callerStore, type JobStore, StoreError } from '@progeny/job-store';
import { createMemoryHarness, type JobStoreHarness } from '@progeny/job-store/contract-suite';
import { createLog, createMetrics, PortTakenError, readConfig } from '@progeny/kit';
import { managerConfigSchema } from './config.ts';
import { createManager } from './manager.ts';

let harness: JobStoreHarness;
let hub: MemoryHub;
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  harness = await createMemoryHarness();
  hub = createMemoryHub();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function startManager({
  env = {},
  store = {},
}: {
  env?: Record<string, string>;
  store?: Partial<JobStore>;
} = {}) {
  const manager = createManager({
    config: readConfig(managerConfigSchema, { MANAGER_PORT: '0', REAP_INTERVAL_MS: '3600000', ...env }),
    store: {
      ...harness.store,
      ...store,
      as: (caller) => callerStore({ ...harness.store, ...store }, caller),
    },
    bus: createMemoryEventBus({ hub }),
    log: createLog({ service: 'test', level: 'silent' }),
    metrics: createMetrics({ service: 'manager' }),
  });
  stops.push(() => manager.stop());
  await manager.start();
  const request = (path: string, init?: RequestInit) =>
    fetch(`http://127.0.0.1:${manager.port()}${path}`, init);
  const create = async (children: number): Promise<{ job_id: string }> => {
    const body = {
      type: 'custom',
      children: Array.from({ length: children }, (_, key) => ({ key: `${key}` })),
    };
    const headers = { 'content-type': 'application/json' };
    const response = await request('/v1/jobs', { method: 'POST', headers, body: JSON.stringify(body) });
    return parentViewSchema.parse(await response.json());
  };
  return { manager, request, create };
}

test('it serves the API, its documentation, health and metrics on one port', async () => {
  const { request, create } = await startManager();
  const job = await create(2);
  expect((await request(`/v1/jobs/${job.job_id}`)).status).toBe(200);
  expect((await request('/docs')).status).toBe(200);
  expect((await request('/health/live')).status).toBe(200);
  const metrics = await (await request('/metrics')).text();
  expect(metrics).toContain('job_status_changes_total{to="pending",service="manager"} 3\n');
  expect(metrics).toContain('events_unsent_total{service="manager"} 0\n');
});

test('it is not ready while the ledger is away, and says so', async () => {
  const { request } = await startManager({
    store: { ping: () => Promise.reject(new Error('connection refused')) },
  });
  const response = await request('/health/ready');
  expect([response.status, await response.json()]).toEqual([
    503,
    { ready: false, checks: { postgres: 'connection refused', nats: 'ok' } },
  ]);
});

test('claims of workers that fell silent are given out again', async () => {
  const { create } = await startManager({ env: { REAP_INTERVAL_MS: '5' } });
  await create(1);
  const worker = createMemoryEventBus({ hub });
  const claim = { worker_id: 'w1', job_types: ['task'], limit: 1 };
  const first = await worker.request('claim', claim);
  const given = new Promise<void>((resolve) => {
    worker.subscribe({ topic: 'job_status_change' }, ({ payload }) => {
      if (payload.from === 'running' && payload.to === 'pending') resolve();
    });
  });
  await harness.expireLeases();
  await given;
  const second = await worker.request('claim', claim);
  expect([...first.children, ...second.children].map(({ attempt }) => attempt)).toEqual([1, 2]);
  await worker.close();
});

test('deadlines come due by themselves, and what has ended goes when it was kept for long enough', async () => {
  const { request } = await startManager({ env: { REAP_INTERVAL_MS: '5', RETENTION_DAYS: '0.5' } });
  const watcher = createMemoryEventBus({ hub });
  const told = (job_id: string, isIt: (change: JobStatusChange) => boolean) =>
    new Promise<void>((resolve) => {
      watcher.subscribe({ topic: 'job_status_change' }, ({ payload }) => {
        if (payload.job_id === job_id && isIt(payload)) resolve();
      });
    });
  const create = async (more: object) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ type: 'custom', ...more });
    const response = await request('/v1/jobs', { method: 'POST', headers, body });
    return parentViewSchema.parse(await response.json()).job_id;
  };
  const late = await create({ deadline_seconds: 60, children: [{ key: 'a' }] });
  const [child] = (await harness.store.listChildren(late, { limit: 1 })).children;
  const cancelled = told(child?.job_id ?? '', ({ to }) => to === 'cancelled');
  await harness.passTime(100_000);
  await cancelled;

  const ended = await create({ sealed: true });
  await harness.store.fold([ended]);
  const gone = told(ended, ({ to }) => to === null);
  await harness.passTime(24 * 60 * 60 * 1_000);
  await gone;
  expect((await request(`/v1/jobs/${ended}`)).status).toBe(404);
  await watcher.close();
});

test('a port that is taken is told by its variable, and nothing stays open', async () => {
  const { manager } = await startManager();
  let closed = 0;
  const second = startManager({
    env: { MANAGER_PORT: String(manager.port()) },
    store: {
      close: async () => {
        closed += 1;
      },
    },
  });
  await expect(second).rejects.toThrow(PortTakenError);
  await expect(second).rejects.toThrow(/set MANAGER_PORT to a free one$/);
  expect(closed).toBe(1);
});

test('a stop lets the request that runs come to its answer before it closes the ledger', async () => {
  let arrived = () => {};
  const asked = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  let stopped: Promise<void> = Promise.resolve();
  let isOpen = true;
  const { manager, request } = await startManager({
    store: {
      async listParents() {
        arrived();
        // The stop has closed whatever it closes before this has an answer.
        await new Promise(setImmediate);
        if (!isOpen) throw new StoreError('unavailable', 'the ledger is closed');
        return { jobs: [], next_cursor: null };
      },
      close: async () => {
        isOpen = false;
      },
    },
  });
  void asked.then(() => {
    stopped = manager.stop();
  });
  expect((await request('/v1/jobs')).status).toBe(200);
  await stopped;
  expect(isOpen).toBe(false);
  await expect(request('/health/live')).rejects.toThrow('fetch failed');
}, 3_000);
