import { type ParentView, parentViewSchema } from '@progeny/contract';
import { connectNatsEventBus, type NatsEventBus } from '@progeny/event-bus-nats';
import { createLineWatch, type LineWatch, type Neighbours, startNeighbours } from '@progeny/infra';
import { createPrismaJobStore } from '@progeny/job-store-prisma';
import { createLog, createMetrics, createOutage, readConfig } from '@progeny/kit';
import { z } from 'zod';
import { managerConfigSchema } from './config.ts';
import { createManager } from './manager.ts';

const healthSchema = z.object({ checks: z.record(z.string(), z.string()) });

let neighbours: Neighbours;
/** Somebody else on the bus. */
let other: NatsEventBus;
let log: LineWatch;
let stop: () => Promise<void>;

beforeAll(async () => {
  neighbours = await startNeighbours();
  const quiet = createLog({ service: 'other', level: 'silent' });
  other = connectNatsEventBus({ url: neighbours.natsUrl, name: 'other', log: quiet });
  await other.connected;
});
afterEach(async () => {
  await stop();
  await Promise.all([neighbours.postgres.open(), neighbours.nats.open()]);
});
afterAll(async () => {
  await other.close();
  await neighbours.stop();
});

async function startManager() {
  log = createLineWatch();
  const own = createLog({ service: 'manager', level: 'info', write: log.write });
  const store = createPrismaJobStore({
    databaseUrl: neighbours.postgres.url,
    poolSize: 3,
    onIdleError: () => {},
  });
  const manager = createManager({
    config: readConfig(managerConfigSchema, { MANAGER_PORT: '0' }),
    store,
    bus: connectNatsEventBus({
      url: neighbours.nats.url,
      name: 'manager',
      log: own,
      outage: createOutage({ log: own, what: 'nats' }),
    }),
    log: own,
    metrics: createMetrics({ service: 'manager' }),
  });
  stop = () => manager.stop();
  await manager.start();
  const request = (path: string, body?: object, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${manager.port()}${path}`, {
      headers,
      ...(body && {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    });
  return {
    store,
    request,
    async create(): Promise<ParentView> {
      const body = { type: 'custom', children: [{ key: 'a' }, { key: 'b' }], sealed: true };
      return parentViewSchema.parse(await (await request('/v1/jobs', body)).json());
    },
    async readiness() {
      const response = await request('/health/ready');
      return { status: response.status, ...healthSchema.parse(await response.json()).checks };
    },
  };
}

const claim = { worker_id: 'w', job_types: ['task'], limit: 1 };

/** Nothing but one line at the start and one at the end of it. */
function expectOneOutageOf(what: string): void {
  const told = log.lines.filter(({ msg }) => msg !== 'listening' && msg !== 'job created');
  expect(told.map(({ msg }) => msg)).toEqual([`${what} is away; trying on`, `${what} is back`]);
  expect(told[0]).not.toHaveProperty('err');
}

test.each(['at start', 'in mid-run'])(
  'Postgres away %s: 503 with Retry-After, and then it works',
  async (when) => {
    if (when === 'at start') await neighbours.postgres.shut();
    const { request, create, readiness } = await startManager();
    if (when === 'in mid-run') {
      await create();
      await neighbours.postgres.shut();
    }
    const progress = { reports: [{ job_id: '01890000-0000-7000-8000-00000000dead', progress: 10 }] };
    for (const answer of [
      await request('/v1/jobs'),
      await request('/v1/workers/claim', claim),
      await request('/v1/workers/progress', progress),
    ]) {
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
      expect(await answer.json()).toMatchObject({ code: 'unavailable' });
    }
    expect(await readiness()).toMatchObject({
      status: 503,
      nats: 'ok',
      postgres: expect.stringContaining('database'),
    });
    await log.said('postgres is away; trying on');
    expect(await (await request('/metrics')).text()).toMatch(/^progress_lost_total\{reason="store",\S* 1$/m);

    await neighbours.postgres.open();
    await log.said('postgres is back');
    expect(await create()).toMatchObject({ progress: { pending_children: 2 } });
    expect(await readiness()).toEqual({ status: 200, nats: 'ok', postgres: 'ok' });
    expectOneOutageOf('postgres');
  },
);

test.each(['at start', 'in mid-run'])(
  'NATS away %s: jobs go on over HTTP, and then events flow',
  async (when) => {
    if (when === 'at start') await neighbours.nats.shut();
    const { request, create, readiness } = await startManager();
    if (when === 'in mid-run') {
      const { heard } = await listen();
      await untilReady(readiness);
      await create();
      await heard;
      await neighbours.nats.shut();
    }
    await log.said('nats is away; trying on');
    const job = await create();
    expect(job).toMatchObject({ progress: { pending_children: 2 } });
    const claimed = await request('/v1/workers/claim', { ...claim, limit: 10 });
    expect(claimed.status).toBe(200);
    expect(await readiness()).toEqual({ status: 503, nats: 'reconnecting', postgres: 'ok' });
    const progress = `/v1/jobs/${job.job_id}/progress`;
    const etag = (await request(progress)).headers.get('etag') ?? '';
    const waited = await request(`${progress}?wait=0.1`, undefined, { 'if-none-match': etag });
    expect([waited.status, waited.headers.get('etag')]).toEqual([304, etag]);
    const metrics = await (await request('/metrics')).text();
    expect(metrics).toContain('# TYPE events_unsent_total counter\n');
    expect(metrics).not.toContain('events_unsent_total{service="manager"} 0\n');

    await neighbours.nats.open();
    await log.said('nats is back');
    const { heard } = await listen();
    await create();
    await heard;
    expect(await readiness()).toEqual({ status: 200, nats: 'ok', postgres: 'ok' });
    expectOneOutageOf('nats');
  },
);

test('whoever waits for progress is answered when NATS tells of it, and when NATS is back though nobody told', async () => {
  const { store, request, create, readiness } = await startManager();
  await untilReady(readiness);
  const { job_id: jobId } = await create();
  const path = `/v1/jobs/${jobId}/progress`;
  const startWaiting = async () => {
    const etag = (await request(path)).headers.get('etag') ?? '';
    const answered = request(`${path}?wait=30`, undefined, { 'if-none-match': etag });
    while (!/^long_polls_waiting\S* 1$/m.test(await (await request('/metrics')).text())) {
      await new Promise(setImmediate);
    }
    return { body: async () => (await answered).json() };
  };
  const change = async () => {
    const [child] = (await store.listChildren(jobId, { limit: 1, status: 'pending' })).children;
    await store.report([{ jobId: child?.job_id ?? '', status: 'completed', attempt: 1 }]);
    const [folded] = await store.fold([jobId]);
    if (!folded) throw new Error('nothing was folded');
    return folded.progress;
  };

  const told = await startWaiting();
  const first = await change();
  const event = {
    type: 'parent_job_progress' as const,
    payload: first,
    timestamp: new Date().toISOString(),
  };
  other.publish({ tenantId: 'default', event });
  expect(await told.body()).toEqual(first);

  const untold = await startWaiting();
  await neighbours.nats.shut();
  await log.said('nats is away; trying on');
  const second = await change();
  await neighbours.nats.open();
  expect(await untold.body()).toEqual(second);
});

/** Listens from now on; `heard` resolves at the next change of a job. */
async function listen(): Promise<{ heard: Promise<void> }> {
  const heard = new Promise<void>((resolve) => {
    const subscription = other.subscribe({ topic: 'job_status_change' }, () => {
      subscription.unsubscribe();
      resolve();
    });
  });
  await other.flush();
  return { heard };
}

async function untilReady(readiness: () => Promise<{ status: number }>): Promise<void> {
  while ((await readiness()).status !== 200) await new Promise((resolve) => setTimeout(resolve, 10));
}
