import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { CloseCode, LIMITS } from '@progeny/contract';
import { brief, jobId, large, lifecycle, progress } from './testing/events.ts';
import { createGatewayScene, type GatewayScene } from './testing/gateway-scene.ts';

let scene: GatewayScene;

const startScene = async (...given: Parameters<typeof createGatewayScene>) => {
  scene = await createGatewayScene(...given);
  return scene;
};

afterEach(() => scene.close());

test('a client is welcomed, and told how often it is pinged and polled for', async () => {
  const { connect } = await startScene({
    env: { HEARTBEAT_INTERVAL_MS: '15000', POLL_INTERVAL_MS: '30000' },
  });
  const client = await connect();
  expect(await client.next('welcome')).toMatchObject({
    payload: { connection_id: expect.any(String), heartbeat_ms: 15_000, poll_ms: 30_000 },
    timestamp: expect.stringMatching(/Z$/),
  });
});

test('a client that says nothing gets every event', async () => {
  const { connect, publish } = await startScene();
  const client = await connect();
  await client.next('welcome');
  const event = progress(2);
  publish(lifecycle(1), event);
  expect(await client.next('JOB_STARTED')).toEqual(lifecycle(1));
  expect(await client.next('parent_job_progress')).toEqual(event);
});

test('a subscriber gets the answer, then the snapshot, then live updates of its job alone', async () => {
  const { connect, create, publish, store } = await startScene();
  const [mine, other] = [await create(3), await create(2)];
  const client = await connect();
  client.say({ type: 'subscribe', payload: { job_ids: [mine] } });
  const messages = [await client.next('subscribed'), await client.next('parent_job_progress')];
  const [snapshot] = await store.getProgress([mine]);
  expect(messages.map(({ payload }) => payload)).toEqual([{ job_ids: [mine] }, snapshot?.progress]);
  publish(progress(8, { id: other }), progress(9, { id: mine }));
  expect(brief(await client.next('parent_job_progress'))).toBe('v9');
});

describe('a fault ends the connection that it came from, and no other', () => {
  test.each([
    ['text that is not JSON', CloseCode.BadMessage, '{"type":'],
    [
      'a message of the wrong shape',
      CloseCode.BadMessage,
      '{"type":"subscribe","payload":{"job_ids":"all"}}',
    ],
    ['a binary message', CloseCode.BadMessage, Buffer.from('{"type":"ping"}')],
    ['a message of 17 KiB', 1009, JSON.stringify({ type: 'ping', more: 'x'.repeat(17 * 1024) })],
  ])('%s closes with %i', async (_, code, data) => {
    const { connect, publish } = await startScene();
    const [bad, good] = [await connect(), await connect()];
    bad.socket.send(data);
    expect(await bad.closed).toBe(code);
    publish(progress(2));
    expect(brief(await good.next('parent_job_progress'))).toBe('v2');
  });

  test.each([
    ['text that is not UTF-8', 1007, [0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]],
    ['a reserved bit', 1002, [0xf1, 0x80, 0, 0, 0, 0]],
    ['a reserved opcode', 1002, [0x83, 0x80, 0, 0, 0, 0]],
    ['a frame without a mask', 1002, [0x81, 0x01, 0x61]],
    ['a ping of more than 125 bytes', 1002, [0x89, 0xfe, 0x00, 0x7e, 0, 0, 0, 0]],
  ])('%s closes with %i', async (_, code, bytes) => {
    const { connect, publish, port } = await startScene();
    const good = await connect();
    const raw = await upgrade(port);
    raw.write(Buffer.from(bytes));
    expect(await closeCodeOf(raw)).toBe(code);
    publish(progress(2));
    expect(brief(await good.next('parent_job_progress'))).toBe('v2');
  });

  test('a connection that breaks off is forgotten', async () => {
    const { connect, measured } = await startScene();
    const client = await connect();
    await client.next('welcome');
    expect(await measured('connections')).toBe(1);
    client.socket.terminate();
    await untilConnections(0);
  });

  test('what is said after a fault, on a connection that is closing, does nothing', async () => {
    let reads = 0;
    const { connect } = await startScene({
      store: (store) => ({
        ...store,
        getProgress: async () => {
          reads += 1;
          return [];
        },
      }),
    });
    const client = await connect();
    client.say('nonsense');
    client.say({ type: 'subscribe', payload: { job_ids: [jobId()] } });
    expect(await client.closed).toBe(CloseCode.BadMessage);
    await untilConnections(0);
    expect(reads).toBe(0);
  });
});

test('a client that answers no ping is closed, and one that does stays', async () => {
  const { connect, publish } = await startScene({ env: { HEARTBEAT_INTERVAL_MS: '30' } });
  const [alive, dead] = [await connect(), await connect({ autoPong: false })];
  expect(await dead.closed).toBe(CloseCode.HeartbeatLost);
  await untilConnections(1);
  publish(progress(2));
  expect(brief(await alive.next('parent_job_progress'))).toBe('v2');
});

describe('a reader that does not keep up', () => {
  test('takes no more memory than its bound, and is told why once it reads again', async () => {
    const { connect, publish } = await startScene();
    const slow = await connect();
    await slow.next('welcome');
    slow.socket.pause();
    const before = bufferedBytes();
    for (let seq = 1; seq <= 2_000; seq += 1) {
      publish(large(seq));
      await new Promise(setImmediate);
    }
    // The kernel's share and the gateway's, not the 120 MB that were published.
    expect(bufferedBytes() - before).toBeLessThan(30 * LIMITS.wsBufferMaxBytes);
    slow.socket.resume();
    expect(await slow.closed).toBe(CloseCode.SlowConsumer);
  });

  test('does not slow down the others', async () => {
    const { connect, publish } = await startScene();
    const [slow, fast] = [await connect(), await connect()];
    await slow.next('welcome');
    slow.socket.pause();
    for (let seq = 1; seq <= 200; seq += 1) {
      publish(large(seq));
      expect((await fast.next('JOB_STARTED')).payload).toMatchObject({ seq });
    }
  });
});

describe('stop', () => {
  test('tells every client to come back, and frees the port', async () => {
    const { connect, stop, port } = await startScene();
    const clients = [await connect(), await connect()];
    await stop();
    expect(await Promise.all(clients.map(({ closed }) => closed))).toEqual([1012, 1012]);
    await expect(openTcp(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('cuts off a client that does not answer, and meanwhile takes nobody new', async () => {
    const { connect, stop, port } = await startScene();
    const polite = await connect();
    const silent = await upgrade(port);
    const stopped = stop();
    expect(await polite.closed).toBe(1012);
    await expect(openTcp(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await stopped;
    silent.destroy();
  });
});

describe('an upgrade that is not for /ws', () => {
  test('is a 404, and its connection is closed', async () => {
    const { port } = await startScene();
    const raw = await openTcp(port);
    raw.write(upgradeRequest('/elsewhere'));
    expect((await textOf(raw)).split('\r\n')[0]).toBe('HTTP/1.1 404 Not Found');
  });

  test('holds up no stop and harms nobody, even when it is reset', async () => {
    const { port, stop, connect } = await startScene();
    const open = await openTcp(port);
    open.write(upgradeRequest('/elsewhere'));
    const reset = await openTcp(port);
    reset.write(upgradeRequest('/elsewhere'));
    await once(open, 'data');
    reset.resetAndDestroy();
    await (await connect()).next('welcome');
    await stop();
  }, 3_000);
});

/** Resolves when the gateway has this many connections. */
async function untilConnections(count: number): Promise<void> {
  while ((await scene.measured('connections')) !== count) await new Promise(setImmediate);
}

const bufferedBytes = () => process.memoryUsage().arrayBuffers + process.memoryUsage().external;

const upgradeRequest = (path: string) =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: gateway',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '\r\n',
  ].join('\r\n');

async function openTcp(port: number): Promise<Socket> {
  const socket = connectTcp({ host: '127.0.0.1', port, allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

/** A WebSocket by hand, for frames that no client library would write and for answers that it would give. */
async function upgrade(port: number): Promise<Socket> {
  const socket = await openTcp(port);
  socket.write(upgradeRequest('/ws'));
  const [head] = await once(socket, 'data');
  expect(String(head)).toMatch(/^HTTP\/1\.1 101/);
  socket.pause();
  return socket;
}

/** The code in the close frame, after the frames before it. */
async function closeCodeOf(socket: Socket): Promise<number> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const at = bytes.indexOf(0x88);
  return bytes.readUInt16BE(at + 2);
}

async function textOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
