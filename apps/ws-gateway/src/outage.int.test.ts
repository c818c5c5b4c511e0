import { type ServerMessage, USER_HEADER } from '@progeny/contract';
import { connectNatsEventBus, type NatsEventBus } from '@progeny/event-bus-nats';
import { createLineWatch, type LineWatch, type Neighbours, startNeighbours } from '@progeny/infra';
import type { JobStore } from '@progeny/job-store';
import { newParent, numbered } from '@progeny/job-store/contract-suite';
import { createPrismaJobStore } from '@progeny/job-store-prisma';
import { createLog, createMetrics, createOutage, readConfig } from '@progeny/kit';
import { gatewayConfigSchema } from './config.ts';
import { LOCAL } from './testing/gateway-scene.ts';
import { connectClient, type Message, type TestClient } from './testing/test-client.ts';
import { createGateway } from './ws-gateway.ts';

let neighbours: Neighbours;
/** The others' part: they reach everybody all the time. */
let ledger: JobStore;
let other: NatsEventBus;
let log: LineWatch;
let stop: () => Promise<void>;
const faults: unknown[] = [];

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
  expect(faults).toEqual([]);
});
afterAll(async () => {
  await Promise.all([other.close(), ledger.close()]);
  await neighbours.stop();
});

const NEVER_MS = '3600000';

async function startGateway(pollIntervalMs: string) {
  log = createLineWatch();
  const own = createLog({ service: 'ws-gateway', level: 'info', write: log.write });
  const gateway = createGateway({
    config: readConfig(gatewayConfigSchema, {
      GATEWAY_PORT: '0',
      POLL_INTERVAL_MS: pollIntervalMs,
      DRAIN_TIME_MS: '1',
    }),
    store: createPrismaJobStore({
      databaseUrl: neighbours.postgres.url,
      poolSize: 3,
      onIdleError: () => {},
    }),
    bus: connectNatsEventBus({
      url: neighbours.nats.url,
      name: 'ws-gateway',
      log: own,
      outage: createOutage({ log: own, what: 'nats' }),
    }),
    log: own,
    metrics: createMetrics({ service: 'ws-gateway' }),
  });
  stop = () => gateway.stop();
  await gateway.start();
  const ready = async () => {
    const response = await fetch(`http://127.0.0.1:${gateway.port()}/health/ready`);
    return [response.status, await response.json()];
  };
  const client = await connectClient(`ws://127.0.0.1:${gateway.port()}/ws`, {}, (fault) =>
    faults.push(fault),
  );
  const viewer = createViewer(client);
  return { ready, viewer };
}

function createViewer(client: TestClient) {
  return {
    watch: (jobId: string) => client.subscribe(jobId),
    /** Resolves when a message of this type fulfils this; it and those before are done with. */
    async sees<Type extends ServerMessage['type']>(
      type: Type,
      isIt: (payload: Message<Type>['payload']) => boolean = () => true,
    ): Promise<void> {
      while (!isIt((await client.next(type)).payload as never)) {}
    },
  };
}

/** Each job has its own kind of children, so that a claim is of the job that is meant. */
let kinds = 0;

async function createJob(): Promise<string> {
  const { job } = await ledger.createParent(
    newParent(numbered(3), { owner: LOCAL, childType: `task-${++kinds}`, sealed: true }),
  );
  return job.job_id;
}

/** One more child is claimed and counted; told, if somebody should hear it. */
async function change(jobId: string, { isTold }: { isTold: boolean }): Promise<void> {
  await ledger.claim({ workerId: 'w', jobTypes: [`task-${kinds}`], limit: 1, leaseMs: 60_000 });
  const [folded] = await ledger.fold([jobId]);
  if (!folded) throw new Error('nothing was folded');
  if (!isTold) return;
  const { tenantId, userId, progress: payload } = folded;
  other.publish({
    tenantId,
    headers: { [USER_HEADER]: userId },
    event: { type: 'parent_job_progress', payload, timestamp: new Date().toISOString() },
  });
}

const running = (count: number) => (payload: { running_children: number }) =>
  payload.running_children === count;

function expectOneOutageOf(what: string): void {
  const told = log.lines.filter(({ msg }) => msg !== 'listening');
  expect(told.map(({ msg }) => msg)).toEqual([`${what} is away; trying on`, `${what} is back`]);
}

test('Postgres away at start: a viewer is told to come again, and then sees its job', async () => {
  await neighbours.postgres.shut();
  const { ready, viewer } = await startGateway(NEVER_MS);
  const jobId = await createJob();
  for (let time = 0; time < 3; time += 1) {
    viewer.watch(jobId);
    await viewer.sees('refused', ({ code, retryable }) => code === 'unavailable' && retryable);
  }
  expect((await ready())[0]).toBe(503);
  await neighbours.postgres.open();
  await log.said('postgres is back');
  viewer.watch(jobId);
  await viewer.sees('parent_job_progress', running(0));
  expect(await ready()).toEqual([200, { ready: true, checks: { postgres: 'ok', nats: 'ok' } }]);
  expectOneOutageOf('postgres');
});

test('Postgres away in mid-run: live viewers see what is told all the same', async () => {
  const { viewer } = await startGateway('300');
  const jobId = await createJob();
  viewer.watch(jobId);
  await viewer.sees('parent_job_progress', running(0));
  await neighbours.postgres.shut();
  await log.said('postgres is away; trying on');
  await change(jobId, { isTold: true });
  await viewer.sees('parent_job_progress', running(1));
  await change(jobId, { isTold: false });
  await neighbours.postgres.open();
  await viewer.sees('parent_job_progress', running(2));
  await log.said('postgres is back');
  expectOneOutageOf('postgres');
});

test.each(['at start', 'in mid-run'])('NATS away %s: a viewer gets the numbers by the poll', async (when) => {
  if (when === 'at start') await neighbours.nats.shut();
  const { ready, viewer } = await startGateway('300');
  const jobId = await createJob();
  viewer.watch(jobId);
  await viewer.sees('parent_job_progress', running(0));
  if (when === 'in mid-run') await neighbours.nats.shut();
  await log.said('nats is away; trying on');
  expect(await ready()).toEqual([503, { ready: false, checks: { postgres: 'ok', nats: 'reconnecting' } }]);
  await change(jobId, { isTold: true });
  await viewer.sees('parent_job_progress', running(1));
  await change(jobId, { isTold: true });
  await viewer.sees('parent_job_progress', running(2));
  await neighbours.nats.open();
  await log.said('nats is back');
  expectOneOutageOf('nats');
});

test('NATS back: a viewer gets at once what was told to nobody, whenever the poll would come', async () => {
  const { ready, viewer } = await startGateway(NEVER_MS);
  const jobId = await createJob();
  viewer.watch(jobId);
  await viewer.sees('parent_job_progress', running(0));
  while ((await ready())[0] !== 200) await new Promise((resolve) => setTimeout(resolve, 10));
  // Heard of a moment ago, so it is not silent.
  await change(jobId, { isTold: true });
  await viewer.sees('parent_job_progress', running(1));
  await neighbours.nats.shut();
  await log.said('nats is away; trying on');
  await change(jobId, { isTold: true });
  await neighbours.nats.open();
  await viewer.sees('parent_job_progress', running(2));
});
