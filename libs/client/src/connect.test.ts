import { connect } from './connect.ts';
import { NoWebSocketError } from './errors.ts';
import { A, B, idOf, progressOf } from './fake-events.ts';
import { GATEWAY_URL, useClientFixture } from './fixture-client.ts';
import type { JobEvent } from './wire.ts';

const at = useClientFixture();

test('where there is no WebSocket, the error names the package that has one', () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
  Object.defineProperty(globalThis, 'WebSocket', { value: undefined, configurable: true });
  try {
    expect(() => connect({ url: GATEWAY_URL })).toThrow(NoWebSocketError);
    expect(() => connect({ url: GATEWAY_URL })).toThrow('"ws"');
  } finally {
    if (own) Object.defineProperty(globalThis, 'WebSocket', own);
    else Reflect.deleteProperty(globalThis, 'WebSocket');
  }
});

const NARROW = { type: 'narrow', payload: { to: 'parents' } };

describe('connecting', () => {
  test('nobody watching means no connection', async () => {
    await at.advance(60_000);
    expect(at.gateway.sockets).toHaveLength(0);
    expect(at.status()).toBe('reconnecting');
  });

  test('watching a job offers the subprotocol, narrows the connection to the job, and is live', async () => {
    await at.watchLive(A);
    expect(at.gateway.latest.url).toBe(GATEWAY_URL);
    expect(at.gateway.latest.protocols).toBe('jobs.v1');
    expect(at.gateway.latest.sent).toEqual([{ type: 'subscribe', payload: { job_ids: [A] } }]);
    expect(at.client.state).toEqual({ status: 'live', via: 'websocket', since: Date.now() });
  });

  test('watching everything asks for parents alone and reads the present state', async () => {
    at.gateway.api = { '/v1/jobs?limit=200': { jobs: [{ progress: progressOf(A, 4) }] } };
    const told: JobEvent[] = [];
    at.client.watchAll((event) => told.push(event));
    await at.advance(0);
    at.gateway.latest.welcome();
    await at.advance(0);
    expect(at.gateway.latest.sent).toEqual([NARROW]);
    expect(at.client.getJob(A)?.version).toBe(4);
    expect(told.map(({ payload }) => payload.job_id)).toEqual([A]);
  });

  test('the last watcher to leave closes the connection', async () => {
    const { watch } = await at.watchLive(A);
    const second = at.client.watch(A);
    watch.stop();
    watch.stop();
    await at.advance(0);
    expect(at.gateway.latest.isClosedByClient).toBe(false);
    second.stop();
    await at.advance(60_000);
    expect(at.gateway.latest.isClosedByClient).toBe(true);
    expect(at.gateway.sockets).toHaveLength(1);
  });

  test('when nobody watches any more the state stays, and whoever watches again starts by reconnecting', async () => {
    const { watch } = await at.watchLive(A);
    watch.stop();
    await at.advance(60_000);
    expect(at.status()).toBe('live');
    at.client.watch(A);
    await at.advance(0);
    expect(at.status()).toBe('reconnecting');
  });

  test('moving from one job to another keeps the connection', async () => {
    const { watch } = await at.watchLive(A);
    watch.stop();
    at.client.watch(B);
    await at.advance(300);
    expect(at.gateway.sockets).toHaveLength(1);
    expect(at.gateway.latest.sent.slice(1)).toEqual([
      { type: 'subscribe', payload: { job_ids: [B] } },
      { type: 'unsubscribe', payload: { job_ids: [A] } },
    ]);
  });

  test('a page that scrolls through jobs stays below the messages that a gateway takes in a second', async () => {
    await at.watchLive(A);
    for (let index = 0; index < 40; index += 1) {
      const watch = at.client.watch(idOf(`j${index}`));
      await at.advance(25);
      watch.stop();
    }
    expect(at.gateway.latest.sent.length).toBeLessThan(15);
  });

  test('from one job to everything takes a new connection, and it stays live meanwhile', async () => {
    const { watch } = await at.watchLive(A);
    const seen = new Set([at.status()]);
    at.client.onState(({ status }) => seen.add(status));
    watch.stop();
    at.client.watchAll();
    await at.advance(300);
    at.client.watch(B);
    await at.advance(300);
    expect(at.gateway.sockets).toHaveLength(2);
    at.gateway.latest.welcome();
    await at.advance(200);
    expect(at.gateway.latest.sent).toEqual([NARROW]);
    expect([...seen]).toEqual(['live']);
  });

  test('a change that a connection could not name for a moment takes a new one', async () => {
    const ids = (prefix: string) => Array.from({ length: 60 }, (_, index) => idOf(`${prefix}${index}`));
    const old = ids('o').map((jobId) => at.client.watch(jobId));
    await at.advance(0);
    at.gateway.latest.welcome();
    for (const watch of old) watch.stop();
    for (const jobId of ids('n')) at.client.watch(jobId);
    await at.advance(300);
    expect(at.gateway.sockets).toHaveLength(2);
    at.gateway.latest.welcome();
    expect(at.gateway.latest.sent).toEqual([{ type: 'subscribe', payload: { job_ids: ids('n') } }]);
  });

  test('more jobs than a connection can name are heard by listening to everything', async () => {
    for (let index = 0; index < 101; index += 1) at.client.watch(idOf(`j${index}`));
    await at.advance(0);
    at.gateway.latest.welcome();
    expect(at.gateway.latest.sent).toEqual([NARROW]);
    await at.advance(0);
  });

  test('an address that comes after everybody left is not dialled', async () => {
    let answer = (_: string): void => undefined;
    at.again({
      url: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    const watch = at.client.watch(A);
    await at.advance(0);
    watch.stop();
    await at.advance(0);
    answer(GATEWAY_URL);
    await at.advance(0);
    expect(at.gateway.sockets).toEqual([]);
  });
});
