import { CloseCode, LIMITS } from '@progeny/contract';
import { hashTicket } from '@progeny/identity';
import { createTestKeys } from '@progeny/identity/testing';
import { createGatewayScene, type GatewayScene } from '../testing/gateway-scene.ts';
import { knock } from '../testing/knock.ts';
import { openTcp, upgradeRequest } from '../testing/raw-socket.ts';

const keys = createTestKeys();
const PER_USER = LIMITS.wsConnectionsPerUser;

let scene: GatewayScene;

const startScene = async (env: Readonly<Record<string, string>> = {}) => {
  scene = await createGatewayScene({ env });
  return scene;
};

afterEach(() => scene.close());

const headersOf = async (userId: string, tenantId = 'acme') => ({
  authorization: `Bearer ${await keys.sign({ tenant_id: tenantId, user_id: userId })}`,
});

describe('connections of one user', () => {
  test('are ten, over both transports; others are not concerned; and each place comes back', async () => {
    const { connect, stream, port, untilConnections } = await startScene(keys.env);
    const headers = await headersOf('ann');
    const sockets = [];
    for (let index = 0; index < PER_USER - 1; index += 1) sockets.push(await connect({ headers }));
    const reader = await stream('/sse', headers);
    for (const path of ['/ws', '/sse']) {
      expect(await knock(port, headers, { path })).toMatchObject({
        status: 429,
        headers: {
          'retry-after': expect.stringMatching(/^\d+$/),
          'content-type': 'application/problem+json',
        },
        problem: { code: 'too_many_connections', status: 429 },
      });
    }
    const late = await connect();
    late.say({ type: 'auth', payload: { token: headers.authorization.slice(7) } });
    expect(await late.closed).toBe(CloseCode.LimitExceeded);
    for (const other of [await headersOf('bob'), await headersOf('ann', 'other')]) {
      expect((await knock(port, other)).status).toBe(101);
    }
    // Politely, rudely, and as a stream.
    sockets[0]?.socket.close();
    sockets[1]?.socket.terminate();
    reader.response.destroy();
    await untilConnections(PER_USER - 3);
    for (let index = 0; index < 3; index += 1) await (await connect({ headers })).next('welcome');
    expect((await knock(port, headers)).status).toBe(429);
  });

  test('by message are counted alike, and their places come back', async () => {
    const { connect, port, untilConnections } = await startScene(keys.env);
    const headers = await headersOf('ann');
    const clients = [];
    for (let index = 0; index < PER_USER; index += 1) {
      const client = await connect();
      client.say({ type: 'auth', payload: { token: headers.authorization.slice(7) } });
      await client.next('welcome');
      clients.push(client);
    }
    expect((await knock(port, headers)).status).toBe(429);
    for (const { socket } of clients) socket.terminate();
    await untilConnections(0);
    expect((await knock(port, headers)).status).toBe(101);
  });

  test('that fail at the handshake, or go away during it, take no place for long', async () => {
    const { connect, port } = await startScene(keys.env);
    const headers = await headersOf('ann');
    for (let index = 0; index < 3 * PER_USER; index += 1) {
      if (index % 2 === 0) {
        const { status } = await knockWithoutKey(port, headers);
        expect(status).toBe(400);
      } else {
        const tcp = await openTcp(port);
        tcp.write(upgradeRequest('/ws', headers));
        tcp.resetAndDestroy();
      }
    }
    const clients = [];
    while (clients.length < PER_USER) {
      const client = await connect({ headers }).catch(() => null);
      if (client) clients.push(client);
    }
    expect((await knock(port, headers)).status).toBe(429);
  });
});

test('connections in all are as many as configured, over both transports, and then it is full', async () => {
  const { connect, stream, port, untilConnections } = await startScene({ MAX_CONNECTIONS: '2' });
  const [client] = [await connect(), await stream()];
  for (const path of ['/ws', '/sse']) {
    expect(await knock(port, {}, { path })).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/), 'content-type': 'application/problem+json' },
      problem: { code: 'full', status: 503 },
    });
  }
  client.socket.terminate();
  await untilConnections(1);
  await (await connect()).next('welcome');
});

test('a crowd that comes at once while its tickets are looked up is held to it all the same', async () => {
  let open = () => {};
  const held = new Promise<void>((resolve) => {
    open = resolve;
  });
  let asked = 0;
  scene = await createGatewayScene({
    env: { ...keys.env, MAX_CONNECTIONS: '3' },
    store: (store) => ({
      ...store,
      takeTicket: async (hash) => {
        asked += 1;
        await held;
        return store.takeTicket(hash);
      },
    }),
  });
  const heads: Promise<string>[] = [];
  const ends: (() => void)[] = [];
  for (let index = 0; index < 8; index += 1) {
    const identity = { tenantId: 'acme', userId: `u${index}`, role: 'user' as const, expiresAtMs: null };
    await scene.store.saveTicket({ ticketHash: hashTicket(`t${index}`), identity, ttlMs: 30_000 });
    const tcp = await openTcp(scene.port);
    tcp.write(upgradeRequest('/ws', { 'Sec-WebSocket-Protocol': `jobs.v1, ticket.t${index}` }));
    ends.push(() => tcp.destroy());
    heads.push(new Promise((resolve) => tcp.once('data', (data) => resolve(String(data).slice(9, 12)))));
  }
  while (asked < 8) await new Promise(setImmediate);
  open();
  expect((await Promise.all(heads)).sort()).toEqual([...Array(3).fill('101'), ...Array(5).fill('503')]);
  expect(await scene.measured('connections')).toBe(3);
  for (const end of ends) end();
});

async function knockWithoutKey(port: number, headers: Readonly<Record<string, string>>) {
  const tcp = await openTcp(port);
  tcp.write(upgradeRequest('/ws', headers).replace(/Sec-WebSocket-Key: .*\r\n/, ''));
  const head = await new Promise<string>((resolve) => tcp.once('data', (data) => resolve(String(data))));
  tcp.destroy();
  return { status: Number(head.slice(9, 12)) };
}
