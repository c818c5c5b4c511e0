import type { ParentJobProgress } from '@progeny/contract';
import { connectNatsEventBus, type NatsEventBus } from '@progeny/event-bus-nats';
import { createLineWatch, type LineWatch, type Neighbours, startNeighbours } from '@progeny/infra';
import type { JobStore } from '@progeny/job-store';
import { newParent, numbered } from '@progeny/job-store/contract-suite';
import { createPrismaJobStore } from '@progeny/job-store-prisma';
import { createLog, createMetrics, createOutage, readConfig } from '@progeny/kit';
import { executorConfigSchema } from './config.ts';
import { createParentExecutor } from './parent-executor.ts';

let neighbours: Neighbours;
/** The manager's part, which reaches everybody all the time. */
let ledger: JobStore;
let other: NatsEventBus;
let log: LineWatch;
let stop: () => Promise<void>;

beforeAll(async () => {
  neighbours = await startNeighbours();
  const quiet = createLog({ service: 'other', level: 'silent' });
  other = connectNatsEventBus({ url: neighbours.natsUrl, name: 'other', log: quiet });
  ledger = createPrismaJobStore({ databaseUrl: neighbours.databaseUrl, poolSize: 2, onIdleError: () => {} });
  await other.connected;
});
afterEach(async () => {
  await stop();
  await Promise.all([neighbours.postgres.open(), neighbours.nats.open()]);
});
afterAll(async () => {
  await Promise.all([other.close(), ledger.close()]);
  await neighbours.stop();
});

async function startExecutor() {
  log = createLineWatch();
  const own = createLog({ service: 'parent-executor', level: 'info', write: log.write });
  const executor = createParentExecutor({
    config: readConfig(executorConfigSchema, { EXECUTOR_PORT: '0', FOLD_POLL_INTERVAL_MS: '100' }),
    store: createPrismaJobStore({
      databaseUrl: neighbours.postgres.url,
      poolSize: 3,
      onIdleError: () => {},
    }),
    bus: connectNatsEventBus({
      url: neighbours.nats.url,
      name: 'parent-executor',
      log: own,
      outage: createOutage({ log: own, what: 'nats' }),
    }),
    log: own,
    metrics: createMetrics({ service: 'parent-executor' }),
  });
  stop = () => executor.stop();
  await executor.start();
  return {
    readiness: async () => (await fetch(`http://127.0.0.1:${executor.port()}/health/ready`)).status,
  };
}

/** A parent all of whose children end, and nobody is told. */
async function workUnheard(): Promise<string> {
  const { job } = await ledger.createParent(newParent(numbered(5), { sealed: true }));
  const { children } = await ledger.claim({ workerId: 'w', jobTypes: ['task'], limit: 5, leaseMs: 60_000 });
  await ledger.report(
    children.map(({ job_id, attempt }) => ({ jobId: job_id, attempt, status: 'completed' })),
  );
  return job.job_id;
}

async function folded(jobId: string): Promise<ParentJobProgress> {
  for (;;) {
    const [read] = await ledger.getProgress([jobId]);
    if (read?.progress.status === 'completed') return read.progress;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Listens from now on; `heard` resolves with the first progress of a job that ended. */
async function listen(): Promise<{ heard: Promise<ParentJobProgress> }> {
  const heard = new Promise<ParentJobProgress>((resolve) => {
    const subscription = other.subscribe({ topic: 'parent_job_progress' }, ({ payload }) => {
      if (payload.status !== 'completed') return;
      subscription.unsubscribe();
      resolve(payload);
    });
  });
  await other.flush();
  return { heard };
}

const all = { total_children: 5, completed_children: 5, progress_percentage: 100 };

function expectOneOutageOf(what: string): void {
  const told = log.lines.filter(({ msg }) => msg !== 'parent changed its status');
  expect(told.map(({ msg }) => msg)).toEqual([`${what} is away; trying on`, `${what} is back`]);
}

test.each(['at start', 'in mid-run'])(
  'Postgres away %s: what changed meanwhile is folded afterwards',
  async (when) => {
    if (when === 'at start') await neighbours.postgres.shut();
    const { readiness } = await startExecutor();
    if (when === 'in mid-run') {
      const { heard } = await listen();
      await workUnheard();
      await heard;
      await neighbours.postgres.shut();
    }
    await log.said('postgres is away; trying on');
    expect(await readiness()).toBe(503);
    const jobId = await workUnheard();
    const { heard } = await listen();
    await neighbours.postgres.open();
    expect(await heard).toMatchObject({ job_id: jobId, ...all });
    await log.said('postgres is back');
    expectOneOutageOf('postgres');
  },
);

test.each(['at start', 'in mid-run'])(
  'NATS away %s: counts go on, and are told again when it is back',
  async (when) => {
    if (when === 'at start') await neighbours.nats.shut();
    const { readiness } = await startExecutor();
    if (when === 'in mid-run') {
      const { heard } = await listen();
      await workUnheard();
      await heard;
      await neighbours.nats.shut();
    }
    await log.said('nats is away; trying on');
    expect(await readiness()).toBe(503);
    expect(await folded(await workUnheard())).toMatchObject(all);

    await neighbours.nats.open();
    await log.said('nats is back');
    const { heard } = await listen();
    const jobId = await workUnheard();
    expect(await heard).toMatchObject({ job_id: jobId, ...all });
    expect(await readiness()).toBe(200);
    expectOneOutageOf('nats');
  },
);
