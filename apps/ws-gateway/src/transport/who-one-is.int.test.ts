import { CloseCode, LIMITS, SUBPROTOCOL } from '@progeny/contract';
import { createTestKeys } from '@progeny/identity/testing';
import { createGatewayScene, type GatewayScene } from '../testing/gateway-scene.ts';
import { knock } from '../testing/knock.ts';
import { pass, stopTime } from '../testing/stopped-time.ts';

const keys = createTestKeys();
const ANN = { tenant_id: 'acme', user_id: 'ann' };
const AS_ANN = { ...ANN, role: 'user' };
/** A page of this machine, which is allowed where no list says otherwise. */
const ORIGIN = 'http://localhost:3000';

let scene: GatewayScene;

type Env = Readonly<Record<string, string>>;

const startScene = async (env: Env = {}) => {
  scene = await createGatewayScene({ env: { ...keys.env, ...env } });
  return scene;
};

afterEach(async () => {
  jest.useRealTimers();
  await scene.close();
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const cookie = (token: string, name = 'progeny_token') => ({ cookie: `theme=dark; ${name}=${token}` });

describe('before the upgrade', () => {
  test.each<readonly [string, Env, (token: string) => Env]>([
    ['a bearer token', {}, bearer],
    ['a cookie, from an allowed page', {}, (token: string) => ({ ...cookie(token), origin: ORIGIN })],
    [
      'a cookie of another name',
      { AUTH_COOKIE: 'sid', ALLOWED_ORIGINS: 'https://app.example' },
      (token: string) => ({ ...cookie(token, 'sid'), origin: 'https://app.example' }),
    ],
    ...['same-origin', 'same-site', 'none'].map(
      (site) =>
        [
          `a cookie that comes ${site}`,
          {},
          (token: string) => ({ ...cookie(token), 'sec-fetch-site': site }),
        ] as const,
    ),
  ])('%s tells who it is', async (_, env, headersOf) => {
    const { connect } = await startScene(env);
    const exp = Math.floor(Date.now() / 1_000) + 60;
    const client = await connect({ headers: headersOf(await keys.sign({ ...ANN, exp })) });
    expect((await client.next('welcome')).payload).toMatchObject({
      identity: AS_ANN,
      expires_at: new Date(exp * 1_000).toISOString(),
    });
  });

  test.each([
    ['of another site', { 'sec-fetch-site': 'cross-site' }],
    ['of nobody who says where it comes from', {}],
  ])('a cookie %s does not count: the client may still say who it is', async (_, headers) => {
    const { connect, port } = await startScene();
    const withCookie = { ...headers, ...cookie(await keys.sign(ANN)) };
    const client = await connect({ headers: withCookie });
    client.say({ type: 'ping' });
    expect(await client.closed).toBe(CloseCode.Unauthorized);
    expect(client.messages).toEqual([]);
    // A stream has no other chance.
    expect(await knock(port, withCookie, { path: '/sse' })).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer' },
    });
  });

  test.each(['/ws', '/sse'])(
    '%s: a foreign page is refused whatever it brings, one without a name let in',
    async (path) => {
      for (const env of [keys.env, { AUTH: 'none' }]) {
        scene = await createGatewayScene({ env });
        const token = await keys.sign(ANN);
        for (const origin of [
          'https://evil.example',
          'null',
          'http://localhost.evil.example',
          'http://127.0.0.1:x',
        ]) {
          const { status, problem } = await knock(scene.port, { ...bearer(token), origin }, { path });
          expect([origin, status, problem?.code]).toEqual([origin, 403, 'forbidden_origin']);
        }
        expect((await knock(scene.port, bearer(token), { path })).status).toBe(path === '/ws' ? 101 : 200);
        await scene.close();
      }
    },
  );

  test.each(['/ws', '/sse'])('%s: a name that was made to lead here is no name of ours', async (path) => {
    scene = await createGatewayScene();
    for (const host of ['evil.example', 'evil.example:4001', 'localhost.evil.example']) {
      expect(await knock(scene.port, { host }, { path })).toMatchObject({
        status: 403,
        problem: { code: 'forbidden_origin' },
      });
    }
    expect((await knock(scene.port, { host: 'localhost' }, { path })).status).toBeLessThan(300);
  });

  test('a token in the address counts for nothing', async () => {
    const { port } = await startScene();
    const token = await keys.sign(ANN);
    for (const query of [`token=${token}`, `access_token=${token}`, `ticket=${token}`]) {
      expect((await knock(port, {}, { path: `/sse?${query}` })).status).toBe(401);
    }
  });
});

describe('by a message', () => {
  test('a client says who it is, and gets the same as everybody', async () => {
    const { connect } = await startScene();
    const client = await connect({ protocols: [SUBPROTOCOL] });
    client.say({ type: 'auth', payload: { token: await keys.sign({ ...ANN, role: 'operator' }) } });
    expect((await client.next('welcome')).payload.identity).toEqual({ ...ANN, role: 'operator' });
    await client.settled();
  });

  test('what follows a token at once is said by whoever it names', async () => {
    const { connect, create } = await startScene();
    const jobId = await create(1, { tenantId: 'acme', userId: 'ann' });
    const client = await connect();
    client.say({ type: 'auth', payload: { token: await keys.sign(ANN) } });
    client.subscribe(jobId);
    client.say({ type: 'ping' });
    await client.next('subscribed');
    expect(client.messages.map(({ type }) => type)).toContain('pong');
    expect(client.messages[0]?.type).toBe('welcome');
  });

  test.each([
    ['subscribe', '{"type":"subscribe","payload":{"job_ids":["01890000-0000-7000-8000-000000000001"]}}'],
    ['unsubscribe', '{"type":"unsubscribe","payload":{"job_ids":["01890000-0000-7000-8000-000000000001"]}}'],
    ['ping', '{"type":"ping"}'],
  ])('%s from somebody unknown ends the connection, unanswered', async (_, text) => {
    const { connect } = await startScene();
    const client = await connect();
    client.sayAnyhow(text);
    expect(await client.closed).toBe(CloseCode.Unauthorized);
    expect(client.messages).toEqual([]);
  });

  test('who says nothing is sent away after the time for it, and not before', async () => {
    stopTime();
    const { connect, measured, untilConnections } = await startScene();
    const client = await connect();
    await pass(LIMITS.wsAuthSeconds * 1_000 - 1);
    expect(await measured('connections')).toBe(1);
    await pass(1);
    expect(await client.closed).toBe(CloseCode.Unauthorized);
    await untilConnections(0);
  });

  test('who says it in time is not', async () => {
    stopTime();
    const { connect } = await startScene();
    const client = await connect();
    await pass(LIMITS.wsAuthSeconds * 1_000 - 1);
    client.say({ type: 'auth', payload: { token: await keys.sign(ANN) } });
    await client.next('welcome');
    await pass(LIMITS.wsAuthSeconds * 1_000);
    await client.settled();
  });
});

test('with AUTH=none everybody is the local operator, and a token changes nothing', async () => {
  scene = await createGatewayScene();
  const client = await scene.connect({ headers: bearer('nonsense') });
  expect((await client.next('welcome')).payload.identity.user_id).toBe('local');
  client.say({ type: 'auth', payload: { token: 'nonsense' } });
  expect((await client.next('authenticated')).payload).toEqual({ expires_at: null });
});
