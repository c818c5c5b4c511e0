import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SILENT_LOG } from '@progeny/event-bus';
import { startNatsServer } from '@progeny/infra';
import { connect, headers, type NatsConnection } from 'nats';
import { connectNatsEventBus, type NatsEventBus } from './nats-event-bus.ts';
import { lifecycleEvent, progressEvent } from './testing/events.ts';
import { createNatsHarness, type NatsHarness } from './testing/nats-harness.ts';

const noWork = {
  claim: () => Promise.resolve({ children: [], parents: {} }),
  report: () => Promise.resolve({ reports: [] }),
  heartbeat: () => Promise.resolve({ lost: [] }),
  progress: () => Promise.resolve({ outcomes: [] }),
  command: () => Promise.reject(new Error('nobody asks for this here')),
  explain: () => Promise.reject(new Error('nobody asks for this here')),
};

describe('on a server that runs', () => {
  let harness: NatsHarness;
  let debuggerConnection: NatsConnection;
  let bus: NatsEventBus;

  beforeAll(async () => {
    harness = await createNatsHarness();
  });
  beforeEach(async () => {
    bus = connectNatsEventBus({ url: harness.url, name: 'test', log: SILENT_LOG });
    debuggerConnection = await connect({ servers: harness.url });
    await bus.connected;
  });
  afterEach(async () => {
    await bus.close();
    await debuggerConnection.close();
    await harness.assertNothingLeft();
  });
  afterAll(() => harness.close());

  test('the worker endpoints are listed as the micro service "manager", and are gone with it', async () => {
    const serving = bus.serve(noWork);
    await bus.flush();

    const found = [];
    for await (const info of await debuggerConnection.services.client().info('manager')) found.push(info);
    expect(found).toHaveLength(1);
    expect(found[0]?.endpoints?.map(({ name, subject }) => [name, subject])).toEqual([
      ['claim', 'manager.claim'],
      ['report', 'manager.report'],
      ['heartbeat', 'manager.heartbeat'],
      ['progress', 'manager.progress'],
      ['command', 'manager.command'],
      ['explain', 'manager.explain'],
    ]);

    serving.unsubscribe();
    await bus.flush();
    await expect(debuggerConnection.request('manager.claim', '{}')).rejects.toMatchObject({ code: '503' });
  });

  test('a request typed by hand is answered in JSON, and a wrong one by a service error', async () => {
    bus.serve(noWork);
    await bus.flush();

    const claim = JSON.stringify({ worker_id: 'me', job_types: ['page'], limit: 1 });
    const good = await debuggerConnection.request('manager.claim', claim);
    expect(good.json()).toEqual({ children: [], parents: {} });

    for (const text of ['{', '{}', new Uint8Array([0xff, 0xfe, 0x00])]) {
      const bad = await debuggerConnection.request('manager.claim', text);
      expect(bad.headers?.get('Nats-Service-Error-Code')).toBe('400');
    }
  });

  test('an event travels as its envelope in JSON', async () => {
    const subscription = debuggerConnection.subscribe('job_lifecycle.>', { max: 1 });
    await debuggerConnection.flush();
    const event = lifecycleEvent();
    bus.publish({ tenantId: 'acme', event, headers: { trace: 't1' } });
    for await (const msg of subscription) {
      expect(msg.subject).toBe(`job_lifecycle.acme.${event.payload.job_id}`);
      expect(msg.json()).toEqual(event);
      expect(msg.headers?.get('trace')).toBe('t1');
    }
  });

  test('bytes that are no text, and foreign headers, reach no handler or arrive as they are', async () => {
    const event = progressEvent();
    const subject = `parent_job_progress.acme.${event.payload.job_id}`;
    const arrived = new Promise((resolve) => {
      bus.subscribe({ topic: 'parent_job_progress' }, (_event, delivery) => resolve(delivery.headers));
    });
    await bus.flush();
    const foreign = headers();
    foreign.append('a', '1');
    foreign.append('a', '2');
    debuggerConnection.publish(subject, new Uint8Array([0xff, 0x00, 0xc3]));
    debuggerConnection.publish(subject, JSON.stringify(event), { headers: foreign });
    expect(await arrived).toEqual({ a: '1' });
    expect(bus.counters.invalid).toBe(1);
  });

  test('publishSync does not wait for receipts when the server says that nobody listens', async () => {
    bus.subscribe({ topic: 'job_lifecycle', tenantId: 'heard' }, () => {});
    await bus.flush();
    const ended: string[] = [];
    const sent = ['heard', 'unheard'].map(async (tenantId) => {
      await bus.publishSync({ tenantId, event: lifecycleEvent() });
      ended.push(tenantId);
    });
    await Promise.all(sent);
    expect(ended).toEqual(['unheard', 'heard']);
  });

  test('what is larger than the server takes is refused at once', async () => {
    bus.serve(noWork);
    await bus.flush();
    const huge = 'x'.repeat(9 * 1024 * 1024);
    await expect(
      bus.request('claim', { worker_id: 'me', job_types: [huge], limit: 1 }),
    ).rejects.toMatchObject({ code: 'too_large', retryable: false });
    const event = { ...progressEvent() };
    event.payload.progress_text = huge;
    expect(() => bus.publish({ tenantId: 'acme', event })).toThrow(
      expect.objectContaining({ code: 'too_large' }),
    );
  });

  test('a reply that is too large is a failure of the remote, not a silence', async () => {
    const huge = { children: [], parents: { p: { text: 'x'.repeat(9 * 1024 * 1024) } } };
    bus.serve({ ...noWork, claim: () => Promise.resolve(huge) });
    await bus.flush();
    await expect(
      bus.request('claim', { worker_id: 'me', job_types: ['page'], limit: 1 }),
    ).rejects.toMatchObject({ code: 'remote_failed', message: expect.stringContaining('more bytes') });
  });

  test('while the server is away nothing piles up in memory or in the log, and the outage is told', async () => {
    const lines: string[] = [];
    const log = { warn: (_: object, text: string) => lines.push(text), error: () => {} };
    let isAway: boolean | undefined;
    const outage = {
      failed: () => {
        isAway = true;
      },
      worked: () => {
        isAway = false;
      },
    };
    await bus.close();
    bus = connectNatsEventBus({ url: harness.url, name: 'test', log, outage });
    await bus.connected;
    expect(isAway).toBe(false);
    await harness.restart?.stop();
    while (bus.state !== 'reconnecting') await new Promise((resolve) => setTimeout(resolve, 5));
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 50_000; count += 1) {
      bus.publish({ tenantId: 'acme', event: lifecycleEvent() });
    }
    // Kept, they would be about 15 MB of outbound bytes.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * 1024 * 1024);
    expect(bus.counters.unsent).toBe(50_000);
    expect(lines).toEqual([]);
    expect(isAway).toBe(true);
    const back = new Promise<void>((resolve) => {
      bus.onConnected(resolve);
    });
    await harness.restart?.start();
    await back;
    expect(isAway).toBe(false);
  });
});

describe('on a server that does not run yet', () => {
  let storeDir: string;
  let port: number;

  beforeEach(async () => {
    storeDir = await mkdtemp(join(tmpdir(), 'progeny-bus-'));
    // A port that was free a moment ago.
    const server = await startNatsServer({ port: 0, storeDir });
    port = server.port;
    await server.stop();
  });
  afterEach(() => rm(storeDir, { recursive: true }));

  const url = () => `nats://127.0.0.1:${port}`;

  test('a bus stands at once, says so, and what was set up before works when the server comes', async () => {
    const tries: unknown[] = [];
    const outage = { failed: (error: unknown) => tries.push(error), worked: () => tries.push('worked') };
    const bus = connectNatsEventBus({ url: url(), name: 'early', log: SILENT_LOG, outage });
    const connected = new Promise<void>((resolve) => {
      bus.onConnected(resolve);
    });
    expect(bus.state).toBe('reconnecting');
    const arrived = new Promise((resolve) => {
      bus.subscribe({ topic: 'job_lifecycle' }, resolve);
    });
    bus.serve(noWork);
    bus.publish({ tenantId: 'acme', event: lifecycleEvent() });
    await expect(bus.flush()).rejects.toMatchObject({ code: 'unavailable' });
    expect(bus.counters.unsent).toBe(1);

    const server = await startNatsServer({ port, storeDir });
    await bus.connected;
    expect(tries[0]).toMatchObject({ code: 'CONNECTION_REFUSED' });
    expect(tries.at(-1)).toBe('worked');
    await connected;
    const event = lifecycleEvent();
    bus.publish({ tenantId: 'acme', event });
    expect(await arrived).toEqual(event);
    expect(
      await bus.request('heartbeat', { children: [{ job_id: event.payload.job_id, attempt: 1 }] }),
    ).toEqual({ lost: [] });
    await bus.close();
    await server.stop();
  });

  test('a bus that never got a server can be closed', async () => {
    const bus = connectNatsEventBus({ url: url(), name: 'early', log: SILENT_LOG });
    await bus.close();
    expect(bus.state).toBe('closed');
    await expect(bus.connected).rejects.toMatchObject({ code: 'unavailable' });
  });
});
