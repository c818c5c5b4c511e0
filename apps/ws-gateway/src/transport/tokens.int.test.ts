import { CloseCode } from '@progeny/contract';
import { createTicket, hashTicket } from '@progeny/identity';
import { createTestKeys } from '@progeny/identity/testing';
import { freePort } from '@progeny/infra';
import { createGatewayScene, type GatewayScene } from '../testing/gateway-scene.ts';
import { knock } from '../testing/knock.ts';

const keys = createTestKeys();
const foreign = createTestKeys();
const ANN = { tenant_id: 'acme', user_id: 'ann' };
const seconds = () => Math.floor(Date.now() / 1_000);
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const unsigned = (alg: string) =>
  `${encoded({ alg, kid: 'k' })}.${encoded({ ...ANN, exp: seconds() + 60 })}.${alg === 'none' ? '' : 'AAAA'}`;

let scene: GatewayScene;

const startScene = async (env: Readonly<Record<string, string>> = keys.env) => {
  scene = await createGatewayScene({ env });
  return scene;
};

afterEach(() => scene.close());

describe('a token that does not hold', () => {
  const BAD: readonly (readonly [string, () => string | Promise<string>])[] = [
    ['of a foreign key', () => foreign.sign(ANN)],
    ['that is not signed', () => unsigned('none')],
    ['that is signed as another algorithm', () => unsigned('RS256')],
    ['that has expired', () => keys.sign({ ...ANN, exp: seconds() - 1 })],
    ['that never expires', () => keys.sign({ ...ANN, exp: undefined })],
    ['that is not good yet', () => keys.sign({ ...ANN, nbf: seconds() + 60 })],
    ['of the future', () => keys.sign({ ...ANN, iat: seconds() + 60 })],
    ['of no tenant', () => keys.sign({ user_id: 'ann' })],
    ['of a tenant that would match all', () => keys.sign({ ...ANN, tenant_id: '*' })],
    ['of an unknown role', () => keys.sign({ ...ANN, role: 'admin' })],
    ['of another shape', () => 'a.b'],
    ['longer than any', () => 'x'.repeat(8_193)],
  ];

  test.each(BAD)('%s is a 401 before the upgrade', async (_, make) => {
    const { port } = await startScene();
    const headers = { authorization: `Bearer ${await make()}` };
    for (const path of ['/ws', '/sse']) {
      expect(await knock(port, headers, { path })).toMatchObject({
        status: 401,
        headers: { 'content-type': 'application/problem+json', 'www-authenticate': 'Bearer' },
        problem: { code: 'unauthenticated' },
      });
    }
  });

  test.each(BAD)('%s ends the connection when it comes later', async (name, make) => {
    const { connect } = await startScene();
    const client = await connect();
    client.sayAnyhow(JSON.stringify({ type: 'auth', payload: { token: await make() } }));
    // One that is longer than the contract has it is no message at all.
    expect(await client.closed).toBe(
      name === 'longer than any' ? CloseCode.BadMessage : CloseCode.Unauthorized,
    );
    expect(client.messages).toEqual([]);
  });
});

test('while the public keys are away a client is told to come back, before the upgrade and after', async () => {
  const { port, connect } = await startScene({
    AUTH: 'jwt',
    AUTH_JWKS_URL: `http://127.0.0.1:${await freePort()}/keys`,
  });
  const token = unsigned('RS256');
  for (const path of ['/ws', '/sse']) {
    expect(await knock(port, { authorization: `Bearer ${token}` }, { path })).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
      problem: { code: 'unavailable' },
    });
  }
  const client = await connect();
  client.say({ type: 'auth', payload: { token } });
  expect(await client.closed).toBe(CloseCode.TryAgainLater);
});

describe('a ticket', () => {
  const offering = (ticket: string) => ({ protocols: ['jobs.v1', `ticket.${ticket}`] });
  const asHeader = (ticket: string) => ({ 'sec-websocket-protocol': `jobs.v1, ticket.${ticket}` });

  const issue = async (expiresAtMs: number | null = Date.now() + 60_000) => {
    const ticket = createTicket();
    const identity = { tenantId: 'acme', userId: 'ann', role: 'user' as const, expiresAtMs };
    await scene.store.saveTicket({ ticketHash: hashTicket(ticket), identity, ttlMs: 30_000 });
    return ticket;
  };

  test('lets in once, as whoever asked for it, and is not told back', async () => {
    const { connect, port } = await startScene();
    const expiresAtMs = Date.now() + 60_000;
    const ticket = await issue(expiresAtMs);
    const client = await connect(offering(ticket));
    expect((await client.next('welcome')).payload).toMatchObject({
      identity: { ...ANN, role: 'user' },
      expires_at: new Date(expiresAtMs).toISOString(),
    });
    expect(client.socket.protocol).toBe('jobs.v1');
    expect(await knock(port, asHeader(ticket))).toMatchObject({ status: 401 });
  });

  test('that two gateways get at once lets in one', async () => {
    const { port, startReplica } = await startScene();
    const ports = [port, await startReplica()];
    for (let time = 0; time < 5; time += 1) {
      const headers = asHeader(await issue());
      const answers = await Promise.all([...ports, ...ports].map((each) => knock(each, headers)));
      expect(answers.map(({ status }) => status).sort()).toEqual([101, 401, 401, 401]);
    }
  });

  test('that is too old, of a sign-in that has expired, or made up is a 401', async () => {
    const { port, harness } = await startScene();
    const old = await issue();
    await harness.passTime(31_000);
    const tickets = [old, await issue(Date.now() - 1), createTicket(), '', 'x'.repeat(5_000)];
    for (const ticket of tickets) {
      expect((await knock(port, asHeader(ticket))).problem?.code).toBe('unauthenticated');
    }
    // What no subprotocol may have: the handshake itself refuses it, or the ticket is none.
    expect([400, 401]).toContain((await knock(port, asHeader('a b@c'))).status);
  });

  test('tells more than a cookie beside it, and a foreign page may not use one', async () => {
    const { port, connect } = await startScene();
    const cookie = `progeny_token=${await keys.sign({ ...ANN, user_id: 'bob' })}`;
    const headers = { cookie, 'sec-fetch-site': 'same-origin' };
    const client = await connect({ ...offering(await issue()), headers });
    expect((await client.next('welcome')).payload.identity.user_id).toBe('ann');
    const ticket = await issue();
    expect((await knock(port, { ...asHeader(ticket), origin: 'https://evil.example' })).status).toBe(403);
    expect((await knock(port, asHeader(ticket))).status).toBe(101);
  });

  test('while the database is away may be good: come back', async () => {
    const error = Object.assign(new Error('away'), { retryable: true });
    scene = await createGatewayScene({
      env: keys.env,
      store: (store) => ({ ...store, takeTicket: () => Promise.reject(error) }),
    });
    expect(await knock(scene.port, asHeader(createTicket()))).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.any(String) },
      problem: { code: 'unavailable' },
    });
  });
});
