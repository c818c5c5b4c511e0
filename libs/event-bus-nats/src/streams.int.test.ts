import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SILENT_LOG } from '@progeny/event-bus';
import { startNatsServer } from '@progeny/infra';
import { connect, Events, type JetStreamManager, type NatsConnection, nanos } from 'nats';
import { connectNatsEventBus } from './nats-event-bus.ts';
import { ensureStreams } from './streams.ts';
import { progressEvent } from './testing/events.ts';
import { createNatsHarness, type NatsHarness } from './testing/nats-harness.ts';

let harness: NatsHarness;
let nc: NatsConnection;
let manager: JetStreamManager;

beforeAll(async () => {
  harness = await createNatsHarness();
});
beforeEach(async () => {
  nc = await connect({ servers: harness.url });
  manager = await nc.jetstreamManager();
});
afterEach(async () => {
  for await (const { config } of manager.streams.list()) await manager.streams.delete(config.name);
  await nc.close();
  await harness.assertNothingLeft();
});
afterAll(() => harness.close());

async function streams() {
  const found = [];
  for await (const { config } of manager.streams.list()) found.push(config);
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

test('each topic gets a bounded stream on its own subjects', async () => {
  await ensureStreams({ url: harness.url, log: SILENT_LOG });
  expect(await streams()).toMatchObject([
    { name: 'job_command', subjects: ['job_command.>'] },
    { name: 'job_lifecycle', subjects: ['job_lifecycle.>'], no_ack: true },
    { name: 'job_status_change', subjects: ['job_status_change.>'], max_age: nanos(3_600_000) },
    { name: 'parent_job_progress', subjects: ['parent_job_progress.>'], max_msgs_per_subject: 1 },
    { name: 'pipeline_event', subjects: ['pipeline_event.>'] },
  ]);
  for (const { max_age, max_bytes } of await streams()) {
    expect(max_age).toBeGreaterThan(0);
    expect(max_bytes).toBeGreaterThan(0);
  }
});

test('doing it again changes nothing, and another shape is brought to the present one', async () => {
  await ensureStreams({ url: harness.url, log: SILENT_LOG });
  const first = await streams();
  await Promise.all([1, 2].map(() => ensureStreams({ url: harness.url, log: SILENT_LOG })));
  expect(await streams()).toEqual(first);

  await manager.streams.update('job_lifecycle', { max_age: nanos(1_000_000) });
  expect(await streams()).not.toEqual(first);
  await ensureStreams({ url: harness.url, log: SILENT_LOG });
  expect(await streams()).toEqual(first);
});

test('a stream keeps the last snapshot of each job, and never answers a publisher who waits', async () => {
  const bus = connectNatsEventBus({ url: harness.url, name: 'test', log: SILENT_LOG });
  await bus.connected;
  await ensureStreams({ url: harness.url, log: SILENT_LOG });
  const [one, other] = [progressEvent(), progressEvent()];
  const jobId = one.payload.job_id;
  const nested = progressEvent({ parentId: jobId });
  for (const event of [one, nested, other]) bus.publish({ tenantId: 'acme', event });
  const last = progressEvent({ jobId, version: 2 });
  const lastNested = progressEvent({ jobId: nested.payload.job_id, parentId: jobId, version: 2 });
  for (const event of [lastNested, last]) await bus.publishSync({ tenantId: 'acme', event });

  const { state } = await manager.streams.info('parent_job_progress');
  expect(state.messages).toBe(3);
  const keptAt = async (subject: string) =>
    (await manager.streams.getMessage('parent_job_progress', { last_by_subj: subject })).json();
  expect(await keptAt(`parent_job_progress.acme.${jobId}`)).toEqual(last);
  expect(await keptAt(`parent_job_progress.acme.${nested.payload.job_id}.${jobId}`)).toEqual(lastNested);
  await bus.close();
});

test('a bus that keeps the history restores streams that went away', async () => {
  const bus = connectNatsEventBus({ url: harness.url, name: 'test', log: SILENT_LOG, keepHistory: true });
  const all = ['job_command', 'job_lifecycle', 'job_status_change', 'parent_job_progress', 'pipeline_event'];
  const untilAllStand = async () => {
    const standing = async () => (await streams()).map(({ name }) => name);
    while ((await standing()).length < all.length) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await standing()).toEqual(all);
  };
  await untilAllStand();

  await manager.streams.delete('job_lifecycle');
  const back = reconnected(nc);
  await harness.restart?.stop();
  await harness.restart?.start();
  await back;
  await untilAllStand();
  await bus.close();
});

async function reconnected(connection: NatsConnection): Promise<void> {
  for await (const { type } of connection.status()) if (type === Events.Reconnect) return;
}

test('a server without JetStream is a warning and nothing else', async () => {
  const storeDir = await mkdtemp(join(tmpdir(), 'progeny-plain-'));
  const plain = await startNatsServer({ port: 0, storeDir, jetStream: false });
  const lines: string[] = [];
  const log = { warn: (_fields: object, message: string) => lines.push(message), error: () => {} };
  await ensureStreams({ url: plain.url, log });
  expect(lines).toEqual(['no history of events: JetStream did not take the streams']);
  await plain.stop();
  await rm(storeDir, { recursive: true });
});
