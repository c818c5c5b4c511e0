import { CloseCode, LIMITS } from '@progeny/contract';
import { jobId } from '../testing/events.ts';
import { createGatewayScene, type GatewayScene } from '../testing/gateway-scene.ts';
import { clientFrame, textFrame } from '../testing/raw-socket.ts';
import { pass, stopTime } from '../testing/stopped-time.ts';

let scene: GatewayScene;

const startScene = async (env: Readonly<Record<string, string>> = {}) => {
  scene = await createGatewayScene({ env });
  return scene;
};

afterEach(async () => {
  jest.useRealTimers();
  await scene.close();
});

const ping = textFrame('{"type":"ping"}');

/** What a WebSocket client sends, as a whole, in bytes of its one frame. */
const pingOf = (bytes: number) => {
  const empty = JSON.stringify({ type: 'ping', more: '' });
  return JSON.stringify({ type: 'ping', more: 'x'.repeat(bytes - empty.length) });
};

test('a message of 16 KiB is taken, and one of a byte more ends the connection', async () => {
  const { connect } = await startScene();
  const client = await connect();
  client.sayAnyhow(pingOf(LIMITS.wsFrameMaxBytes));
  await client.next('pong');
  client.sayAnyhow(pingOf(LIMITS.wsFrameMaxBytes + 1));
  expect(await client.closed).toBe(CloseCode.MessageTooBig);
});

test('a connection watches a hundred jobs, and is told of the one more', async () => {
  const { connect, create } = await startScene();
  const jobs: string[] = [];
  for (let index = 0; index < LIMITS.wsJobsPerConnection; index += 1) jobs.push(await create());
  const client = await connect();
  client.subscribe(...jobs);
  expect((await client.next('subscribed')).payload.jobs).toHaveLength(jobs.length);
  client.subscribe(jobId(999_999));
  expect((await client.next('refused')).payload).toMatchObject({
    code: 'too_many_jobs',
    job_ids: [jobId(999_999)],
    retryable: false,
  });
  client.sayAnyhow(JSON.stringify({ type: 'subscribe', payload: { job_ids: [...jobs, jobId(999_999)] } }));
  expect(await client.closed).toBe(CloseCode.BadMessage);
});

describe('messages', () => {
  test('are twenty a second, and the next one ends the connection', async () => {
    stopTime();
    const { connect } = await startScene();
    const client = await connect();
    for (let second = 0; second < 3; second += 1) {
      for (let count = 0; count < LIMITS.wsMessagesPerSecond; count += 1) client.say({ type: 'ping' });
      for (let count = 0; count < LIMITS.wsMessagesPerSecond; count += 1) await client.next('pong');
      await pass(1_000);
    }
    for (let count = 0; count <= LIMITS.wsMessagesPerSecond; count += 1) client.say({ type: 'ping' });
    expect(await client.closed).toBe(CloseCode.LimitExceeded);
  });

  test.each([
    ['messages', ping],
    ['pings', clientFrame({ opcode: 9, payload: 'x' })],
    ['pongs that answer nothing', clientFrame({ opcode: 10, payload: 'x' })],
    ['pongs with a nonce of nobody', clientFrame({ opcode: 10, payload: Buffer.alloc(6, 0xff) })],
  ])('a flood of %s ends the connection', async (_, frame) => {
    stopTime();
    const { raw, connect } = await startScene();
    const [flood, other] = [await raw(), await connect()];
    flood.write(...Array<Buffer>(5_000).fill(frame));
    expect(await flood.closed).toBe(CloseCode.LimitExceeded);
    expect(flood.messages.length).toBeLessThanOrEqual(LIMITS.wsMessagesPerSecond + 1);
    await other.settled();
  });

  test('pongs that were asked for are free', async () => {
    stopTime();
    const { raw, untilConnections } = await startScene({ HEARTBEAT_INTERVAL_MS: '10' });
    const client = await raw();
    while (client.pings.length < 3 * LIMITS.wsMessagesPerSecond) await pass(10);
    client.write(ping);
    await client.until(() => client.messages.at(-1)?.type === 'pong');
    await untilConnections(1);
  });
});
