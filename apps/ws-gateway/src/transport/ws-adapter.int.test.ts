import { once } from 'node:events';
import { CloseCode, LIMITS, type PipelineEvent, SUBPROTOCOL } from '@progeny/contract';
import { brief, jobId, large, lifecycle, progress, step } from '../testing/events.ts';
import { createGatewayScene, type GatewayScene } from '../testing/gateway-scene.ts';
import { knock } from '../testing/knock.ts';
import { rereading } from '../testing/ledger-reads.ts';
import { openTcp, upgradeRequest } from '../testing/raw-socket.ts';
import { pass, stopTime } from '../testing/stopped-time.ts';

let scene: GatewayScene;

const startScene = async (...given: Parameters<typeof createGatewayScene>) => {
  scene = await createGatewayScene(...given);
  return scene;
};

afterEach(async () => {
  jest.useRealTimers();
  await scene.close();
});

test('a client is welcomed, told who it is, and how often it is pinged and polled for', async () => {
  const { connect } = await startScene({
    env: { HEARTBEAT_INTERVAL_MS: '15000', POLL_INTERVAL_MS: '30000' },
  });
  const client = await connect();
  expect((await client.next('welcome')).payload).toEqual({
    connection_id: expect.any(String),
    identity: { tenant_id: 'default', user_id: 'local', role: 'operator' },
    expires_at: null,
    heartbeat_ms: 15_000,
    poll_ms: 30_000,
  });
  expect(client.messages).toHaveLength(1);
});

test.each([
  [[SUBPROTOCOL], SUBPROTOCOL],
  [['other', SUBPROTOCOL], SUBPROTOCOL],
  [[], ''],
])('a client that offers %j speaks the protocol, as %j', async (protocols, spoken) => {
  const { connect } = await startScene();
  const client = await connect({ protocols });
  await client.next('welcome');
  expect(client.socket.protocol).toBe(spoken);
  expect(client.socket.extensions).toBe('');
});

test('a client that says nothing gets every event', async () => {
  const { connect, publish } = await startScene();
  const client = await connect();
  await client.next('welcome');
  publish(lifecycle(1), progress(2));
  expect(await client.next('JOB_STARTED')).toEqual(lifecycle(1));
  expect(await client.next('parent_job_progress')).toEqual(progress(2));
});

test('a subscriber gets the answer, then the snapshot, then live updates of its job alone', async () => {
  const { connect, create, publish, store } = await startScene();
  const [mine, other] = [await create(3), await create(2)];
  const client = await connect();
  client.subscribe(mine);
  const { epoch, snapshots } = await store.readSnapshots([mine]);
  expect((await client.next('subscribed')).payload).toEqual({
    epoch,
    jobs: [{ job_id: mine, recovered: false, seq: 0 }],
  });
  expect((await client.next('parent_job_progress')).payload).toEqual(snapshots[0]?.progress);
  publish(progress(8, { id: other }), progress(9, { id: mine }));
  expect(brief(await client.next('parent_job_progress'))).toBe('v9');
});

test('a job that is no longer watched is silent, and one watched anew begins with its snapshot', async () => {
  const { connect, create, publish } = await startScene();
  const [first, second] = [await create(), await create()];
  const client = await connect();
  client.subscribe(first, second);
  await client.next('parent_job_progress');
  await client.next('parent_job_progress');
  client.say({ type: 'unsubscribe', payload: { job_ids: [first] } });
  expect((await client.next('unsubscribed')).payload).toEqual({ job_ids: [first] });
  publish(progress(8, { id: first }), progress(9, { id: second }));
  expect(brief(await client.next('parent_job_progress'))).toBe('v9');
  client.subscribe(first);
  await client.next('subscribed');
  expect(brief(await client.next('parent_job_progress'))).toBe('v2');
});

test('a connection that breaks off is forgotten', async () => {
  const { connect, untilConnections } = await startScene();
  const client = await connect();
  await untilConnections(1);
  client.socket.terminate();
  await untilConnections(0);
});

test('what is said after a fault, on a connection that is closing, does nothing', async () => {
  const reads: string[][] = [];
  const { connect, untilConnections } = await startScene({
    store: (store) =>
      rereading(store, (ids, read) => {
        reads.push([...ids]);
        return read(ids);
      }),
  });
  const client = await connect();
  client.sayAnyhow('nonsense');
  client.subscribe(jobId());
  expect(await client.closed).toBe(CloseCode.BadMessage);
  await untilConnections(0);
  expect(reads).toEqual([]);
});

test('a client that answers no ping is closed after the time for it, and one that does stays', async () => {
  stopTime();
  const { connect, publish, untilConnections } = await startScene();
  const [alive, dead] = [await connect(), await connect({ autoPong: false })];
  let isClosed = false;
  void dead.closed.then(() => {
    isClosed = true;
  });
  // Asked after at most two rounds of the heartbeat, and cut off within one more when the time has passed.
  for (let ms = 0; ms < LIMITS.wsPongSeconds * 1_000; ms += 500) await pass(500);
  expect(isClosed).toBe(false);
  for (let ms = 0; ms < 45_000; ms += 500) await pass(500);
  expect(await dead.closed).toBe(CloseCode.HeartbeatLost);
  await untilConnections(1);
  publish(progress(2));
  expect(brief(await alive.next('parent_job_progress'))).toBe('v2');
});

describe('a reader that does not keep up with what must not be left out', () => {
  test('takes no more memory than its bound, and is told why once it reads again', async () => {
    const { connect, publish } = await startScene();
    const slow = await connect();
    await slow.next('welcome');
    slow.socket.pause();
    const before = bufferedBytes();
    for (let seq = 1; seq <= 1_000; seq += 1) {
      publish(large(seq));
      await new Promise(setImmediate);
    }
    // The kernel's share and the gateway's, not the 60 MB that were published.
    expect(bufferedBytes() - before).toBeLessThan(30 * LIMITS.wsBufferMaxBytes);
    slow.socket.resume();
    expect(await slow.closed).toBe(CloseCode.SlowConsumer);
  });

  test('is not told of steps, and not closed for them either', async () => {
    const { connect, publish, create } = await startScene();
    const [slow, fast] = [await connect(), await connect()];
    const id = await create();
    for (const client of [slow, fast]) {
      client.subscribe(id);
      await client.next('parent_job_progress');
    }
    slow.socket.pause();
    for (let number = 1; number <= STEPS; number += 1) {
      publish(largeStep(number, { id }));
      expect((await fast.next('pipeline_event')).payload.number).toBe(number);
    }
    slow.socket.resume();
    await slow.settled();
    const told = slow.messages.filter(({ type }) => type === 'pipeline_event');
    expect(told.length).toBeLessThan(STEPS);
    publish(largeStep(STEPS + 1, { id }));
    while ((await slow.next('pipeline_event')).payload.number <= STEPS) {}
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

describe('an upgrade that is not for /ws', () => {
  test('is a 404 that says so', async () => {
    const { port } = await startScene();
    const { status, problem } = await knock(
      port,
      { connection: 'Upgrade', upgrade: 'websocket' },
      { path: '/x' },
    );
    expect([status, problem?.code]).toEqual([404, 'route_not_found']);
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

/** 16 MB: more than the kernel takes for a reader. */
const STEPS = 4_000;
const largeStep = (number: number, of: { id: string }): PipelineEvent => {
  const event = step(number, of);
  event.payload.step.detail = { text: 'x'.repeat(4_000) };
  return event;
};

const bufferedBytes = () => process.memoryUsage().arrayBuffers + process.memoryUsage().external;
