import { CloseCode } from '@progeny/contract';
import { hashTicket } from '@progeny/identity';
import { createTestKeys } from '@progeny/identity/testing';
import { brief, progress } from '../testing/events.ts';
import { createGatewayScene, type GatewayScene } from '../testing/gateway-scene.ts';
import { knock } from '../testing/knock.ts';
import { openTcp } from '../testing/raw-socket.ts';
import { stalledStream } from '../testing/stalled-stream.ts';
import { pass, stopTime } from '../testing/stopped-time.ts';

const keys = createTestKeys();
const DRAIN_MS = 5_000;
let scene: GatewayScene;

const startScene = async (env: Readonly<Record<string, string>> = {}) => {
  stopTime();
  scene = await createGatewayScene({ env: { DRAIN_TIME_MS: String(DRAIN_MS), ...env } });
  return scene;
};

afterEach(async () => {
  jest.useRealTimers();
  await scene.close();
});

/** Lets a stop come to its end. */
async function passUntil(stopped: Promise<void>): Promise<void> {
  let hasStopped = false;
  void stopped.then(() => {
    hasStopped = true;
  });
  for (let waited = 0; !hasStopped; waited += 100) {
    expect(waited).toBeLessThan(60_000);
    await pass(100);
  }
}

test('clients are told to leave, each at a moment of its own, served until then, and closed with 1012', async () => {
  const { connect, stop, publish, port } = await startScene();
  const clients = await Promise.all(Array.from({ length: 12 }, () => connect()));
  const stopped = stop();
  const times: number[] = [];
  for (const client of clients) times.push((await client.next('reconnect')).payload.after_ms);
  expect(Math.max(...times)).toBeLessThan(DRAIN_MS);
  expect(new Set(times).size).toBeGreaterThan(6);
  const last = clients[times.indexOf(Math.max(...times))];
  await pass(Math.max(...times) - 1);
  publish(progress(2));
  expect(brief((await last?.next('parent_job_progress')) ?? progress(0))).toBe('v2');
  await passUntil(stopped);
  for (const client of clients) expect(await client.closed).toBe(CloseCode.ServiceRestart);
  await expect(openTcp(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test.each(['/ws', '/sse'])('%s: whoever comes meanwhile is told to try again', async (path) => {
  const { connect, stop, port } = await startScene();
  await connect();
  const stopped = stop();
  expect(await knock(port, {}, { path })).toMatchObject({
    status: 503,
    headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
    problem: { code: 'restarting', status: 503 },
  });
  await passUntil(stopped);
});

test('a stream is told when to come back, in the words of both, and then ends', async () => {
  const { stream, stop } = await startScene();
  const reader = await stream();
  const stopped = stop();
  const { payload } = await reader.message('reconnect');
  expect(payload.after_ms).toBeLessThan(DRAIN_MS);
  expect(await reader.next()).toEqual({ retryMs: payload.after_ms });
  const end = reader.next();
  await passUntil(stopped);
  expect(await end).toBeNull();
});

test('clients that answer nothing and read nothing hold up no stop', async () => {
  const { raw, stop } = await startScene();
  await stalledStream(scene);
  const socket = await raw({ answersPings: false });
  socket.tcp.pause();
  await passUntil(stop());
});

test('whoever is let in while the gateway begins to stop is told to try again', async () => {
  const { promise: held, open } = gate();
  let isAsked = false;
  stopTime();
  scene = await createGatewayScene({
    env: { ...keys.env, DRAIN_TIME_MS: '20' },
    store: (store) => ({
      ...store,
      async takeTicket(hash) {
        isAsked = true;
        await held;
        return store.takeTicket(hash);
      },
    }),
  });
  const identity = { tenantId: 'acme', userId: 'ann', role: 'user' as const, expiresAtMs: null };
  await scene.store.saveTicket({ ticketHash: hashTicket('good'), identity, ttlMs: 30_000 });
  const answer = knock(scene.port, { 'sec-websocket-protocol': 'jobs.v1, ticket.good' });
  while (!isAsked) await new Promise(setImmediate);
  const stopped = scene.stop();
  await pass(50);
  open();
  expect(await answer).toMatchObject({ status: 503, problem: { code: 'restarting' } });
  await passUntil(stopped);
});

function gate() {
  let open = () => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}
