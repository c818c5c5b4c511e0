import { CloseCode } from '@progeny/contract';
import { createTestKeys } from '@progeny/identity/testing';
import { brief, progress } from '../testing/events.ts';
import { createGatewayScene, type GatewayScene } from '../testing/gateway-scene.ts';
import { pass, stopTime } from '../testing/stopped-time.ts';

const keys = createTestKeys();
const OWNER = { tenantId: 'acme', userId: 'ann' };
const ANN = { tenant_id: 'acme', user_id: 'ann' };

let scene: GatewayScene;

beforeEach(async () => {
  stopTime();
  scene = await createGatewayScene({ env: keys.env });
});

afterEach(async () => {
  jest.useRealTimers();
  await scene.close();
});

const expiring = (inSeconds: number) => Math.floor(Date.now() / 1_000) + inSeconds;
const connectAsAnn = async (exp: number) => {
  const token = await keys.sign({ ...ANN, exp });
  const client = await scene.connect({ headers: { authorization: `Bearer ${token}` } });
  await client.next('welcome');
  return client;
};
const restMs = (exp: number) => exp * 1_000 - Date.now();

test('an expired token ends the connection at its time and not before, with its own code', async () => {
  const exp = expiring(60);
  const client = await connectAsAnn(exp);
  await pass(restMs(exp) - 1);
  await client.settled();
  await pass(1);
  expect(await client.closed).toBe(CloseCode.TokenExpired);
  await scene.untilConnections(0);
});

test('a token that lives longer than a timer can wait does not end at once', async () => {
  const exp = expiring(40 * 24 * 3_600);
  const client = await connectAsAnn(exp);
  await client.settled();
});

test('a stream ends with its token', async () => {
  const exp = expiring(60);
  const authorization = `Bearer ${await keys.sign({ ...ANN, exp })}`;
  const stream = await scene.stream('/sse', { authorization });
  expect((await stream.message('welcome')).payload.expires_at).toBe(new Date(exp * 1_000).toISOString());
  await pass(restMs(exp));
  while ((await stream.next()) !== null) {}
  await scene.untilConnections(0);
});

test('a fresh token prolongs the connection, and not a frame is lost or doubled meanwhile', async () => {
  const first = expiring(60);
  const client = await connectAsAnn(first);
  const jobId = await scene.create(1, OWNER);
  client.subscribe(jobId);
  await client.next('parent_job_progress');
  for (let version = 10; version < 40; version += 1) {
    if (version % 10 === 0) {
      const token = await keys.sign({ ...ANN, exp: expiring(120 + version) });
      client.say({ type: 'auth', payload: { token } });
    }
    scene.publishOf(OWNER, progress(version, { id: jobId }));
    await pass(150);
    expect(brief(await client.next('parent_job_progress'))).toBe(`v${version}`);
  }
  expect(client.messages.filter(({ type }) => type === 'authenticated')).toHaveLength(3);
  await pass(restMs(first) + 1_000);
  await client.settled();
  const exp = expiring(300);
  client.say({ type: 'auth', payload: { token: await keys.sign({ ...ANN, exp }) } });
  const { payload } = await client.next('authenticated');
  expect(payload.expires_at).toBe(new Date(exp * 1_000).toISOString());
  await pass(restMs(exp));
  expect(await client.closed).toBe(CloseCode.TokenExpired);
});

test('the newest of several tokens counts, a shorter one too', async () => {
  const client = await connectAsAnn(expiring(600));
  for (const inSeconds of [900, 30]) {
    client.say({ type: 'auth', payload: { token: await keys.sign({ ...ANN, exp: expiring(inSeconds) }) } });
    await client.next('authenticated');
  }
  await pass(30_000);
  expect(await client.closed).toBe(CloseCode.TokenExpired);
});

test.each([
  ['another user', { ...ANN, user_id: 'bob' }],
  ['the same name in another tenant', { ...ANN, tenant_id: 'other' }],
  ['the same user with more rights', { ...ANN, role: 'operator' }],
])('a fresh token of %s ends the connection', async (_, claims) => {
  const client = await connectAsAnn(expiring(60));
  client.say({ type: 'auth', payload: { token: await keys.sign({ ...claims, exp: expiring(60) }) } });
  expect(await client.closed).toBe(CloseCode.Forbidden);
  expect(client.messages).toHaveLength(1);
});

test('a fresh token that does not hold ends the connection', async () => {
  const client = await connectAsAnn(expiring(60));
  client.say({ type: 'auth', payload: { token: await createTestKeys().sign(ANN) } });
  expect(await client.closed).toBe(CloseCode.Unauthorized);
});

test('a fresh token while the gateway stops holds up nothing', async () => {
  const client = await connectAsAnn(expiring(600));
  const stopped = scene.stop();
  await client.next('reconnect');
  client.say({ type: 'auth', payload: { token: await keys.sign({ ...ANN, exp: expiring(600) }) } });
  await client.next('authenticated');
  await pass(20);
  expect(await client.closed).toBe(CloseCode.ServiceRestart);
  await pass(50);
  await stopped;
}, 3_000);
