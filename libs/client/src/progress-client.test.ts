import type { LifecycleEvent } from '@progeny/contract';
import { FakeGateway, progressOf } from './fake-gateway.ts';
import { createProgressClient, type ProgressClient } from './progress-client.ts';

const GATEWAY_URL = 'ws://gateway/ws';
let gateway: FakeGateway;
let client: ProgressClient;
const advance = (ms: number) => jest.advanceTimersByTimeAsync(ms);
const connection = () => client.getSnapshot().connection;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
  gateway = new FakeGateway();
  client = createProgressClient({
    gatewayUrl: GATEWAY_URL,
    apiUrl: '',
    WebSocket: gateway.WebSocket,
    fetch: gateway.fetch,
    random: () => 0.5,
  });
});
afterEach(() => {
  client.close();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const watchLive = async (target: 'all' | string[] = ['a']) => {
  const stop = client.watch(target);
  await advance(0);
  gateway.latest.welcome();
  return stop;
};

describe('connecting', () => {
  test('nobody watching means no connection', async () => {
    await advance(60_000);
    expect(gateway.sockets).toHaveLength(0);
  });

  test('watching a job narrows the connection to it', async () => {
    await watchLive(['a']);
    expect(gateway.latest.url).toBe(GATEWAY_URL);
    expect(gateway.latest.sent).toEqual([{ type: 'subscribe', payload: { job_ids: ['a'] } }]);
    expect(connection()).toBe('live');
  });

  test('watching everything says nothing to the gateway and reads the present state', async () => {
    gateway.api = { '/v1/jobs?limit=200': { jobs: [{ progress: progressOf('a', 4) }] } };
    await watchLive('all');
    await advance(0);
    expect(gateway.latest.sent).toEqual([]);
    expect(client.getJob('a')?.version).toBe(4);
  });

  test('the last watcher to leave closes the connection', async () => {
    const stop = await watchLive();
    const stopSecond = client.watch(['a']);
    stop();
    stop();
    await advance(0);
    expect(gateway.latest.isClosedByClient).toBe(false);
    stopSecond();
    await advance(60_000);
    expect(gateway.latest.isClosedByClient).toBe(true);
    expect(gateway.sockets).toHaveLength(1);
  });

  test('moving from one job to another keeps the connection', async () => {
    const stop = await watchLive(['a']);
    stop();
    client.watch(['b']);
    await advance(0);
    expect(gateway.sockets).toHaveLength(1);
    expect(gateway.latest.sent.slice(1)).toEqual([
      { type: 'subscribe', payload: { job_ids: ['b'] } },
      { type: 'unsubscribe', payload: { job_ids: ['a'] } },
    ]);
  });

  test('from one job to everything takes a new connection, and it stays live meanwhile', async () => {
    const stop = await watchLive(['a']);
    const seen = new Set([connection()]);
    client.subscribe(() => seen.add(connection()));
    stop();
    client.watch('all');
    await advance(200);
    expect(gateway.sockets).toHaveLength(2);
    gateway.latest.welcome();
    await advance(200);
    expect(gateway.latest.sent).toEqual([]);
    expect([...seen]).toEqual(['live']);
  });

  test('a change that a connection could not name for a moment takes a new one', async () => {
    const jobs = (prefix: string) => Array.from({ length: 60 }, (_, index) => `${prefix}-${index}`);
    const stop = await watchLive(jobs('old'));
    stop();
    client.watch(jobs('new'));
    await advance(0);
    expect(gateway.sockets).toHaveLength(2);
    gateway.latest.welcome();
    expect(gateway.latest.sent).toEqual([{ type: 'subscribe', payload: { job_ids: jobs('new') } }]);
  });

  test('more jobs than a connection can name are heard by listening to everything', async () => {
    await watchLive(Array.from({ length: 101 }, (_, index) => `job-${index}`));
    expect(gateway.latest.sent).toEqual([]);
  });
});

describe('snapshots and events', () => {
  test('an older or equal version never replaces a newer one', async () => {
    await watchLive();
    for (const version of [2, 5, 5, 3]) {
      gateway.latest.say('parent_job_progress', progressOf('a', version));
    }
    expect(client.getJob('a')?.version).toBe(5);
  });

  test('a snapshot that came by HTTP obeys the same rule', async () => {
    await watchLive();
    gateway.latest.say('parent_job_progress', progressOf('a', 5));
    client.accept(progressOf('a', 4));
    expect(client.getJob('a')?.version).toBe(5);
    client.accept(progressOf('a', 6));
    expect(client.getJob('a')?.version).toBe(6);
  });

  test('a lifecycle event is told once, whatever is repeated', async () => {
    const told: LifecycleEvent['type'][] = [];
    client.onLifecycle((event) => told.push(event.type));
    await watchLive();
    const base = { job_id: 'a', parent_id: null, operation_type: 'crawl' };
    gateway.latest.say('JOB_STARTED', { ...base, seq: 1 });
    gateway.latest.say('JOB_COMPLETED', { ...base, seq: 2, result: {} });
    gateway.latest.say('JOB_COMPLETED', { ...base, seq: 2, result: {} });
    gateway.latest.say('JOB_STARTED', { ...base, seq: 1 });
    expect(told).toEqual(['JOB_STARTED', 'JOB_COMPLETED']);
  });

  test.each([
    'no json',
    '[]',
    '{"type":"parent_job_progress","payload":null}',
    '{"type":"parent_job_progress","payload":{"job_id":"a","version":"9"}}',
    '{"type":"something_new","payload":{}}',
    new ArrayBuffer(4),
  ])('what it cannot read is ignored: %p', async (data) => {
    await watchLive();
    gateway.latest.raw(data);
    expect(client.getJob('a')).toBeUndefined();
    expect(connection()).toBe('live');
  });

  test('five hundred jobs that change together are one notification, and each job tells only its own', async () => {
    await watchLive('all');
    await advance(100);
    const rounds = jest.fn();
    const ofSeven = jest.fn();
    client.subscribe(rounds);
    client.subscribeJob('job-7', ofSeven);
    client.accept(progressOf('first', 1));
    for (let index = 0; index < 500; index += 1) {
      gateway.latest.say('parent_job_progress', progressOf(`job-${index}`, 1));
      gateway.latest.say('parent_job_progress', progressOf(`job-${index}`, 2));
    }
    await advance(200);
    expect(rounds).toHaveBeenCalledTimes(2);
    expect(ofSeven).toHaveBeenCalledTimes(1);
    expect(client.getSnapshot().jobs.get('job-7')?.version).toBe(2);
  });

  test('the snapshot is the same object until something changes', async () => {
    await watchLive();
    const before = client.getSnapshot();
    expect(client.getSnapshot()).toBe(before);
    gateway.latest.say('parent_job_progress', progressOf('a', 1));
    expect(client.getSnapshot()).not.toBe(before);
    expect(before.jobs.size).toBe(0);
  });

  test('a listener that throws keeps no other from hearing', async () => {
    const surfaced = jest.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => undefined);
    const heard = jest.fn();
    client.subscribe(() => {
      throw new Error('broken');
    });
    client.subscribe(heard);
    client.accept(progressOf('a', 1));
    expect(heard).toHaveBeenCalledTimes(1);
    expect(surfaced).toHaveBeenCalledTimes(1);
    surfaced.mockRestore();
  });
});

describe('when the connection is lost', () => {
  test('it comes back by itself, names its jobs again and is live', async () => {
    await watchLive(['a']);
    gateway.latest.drop();
    expect(connection()).toBe('reconnecting');
    await advance(250);
    expect(gateway.sockets).toHaveLength(2);
    gateway.latest.welcome();
    expect(connection()).toBe('live');
    expect(gateway.latest.sent).toEqual([{ type: 'subscribe', payload: { job_ids: ['a'] } }]);
  });

  test('waits grow with each failure up to the cap', async () => {
    await watchLive();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const before = Date.now();
      const dialled = gateway.sockets.length;
      gateway.latest.drop();
      while (gateway.sockets.length === dialled) await advance(50);
      waits.push(Date.now() - before);
    }
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  });

  test('a gateway that drops everyone at once after the welcome is not hammered', async () => {
    await watchLive();
    for (let attempt = 0; attempt < 4; attempt += 1) {
      gateway.latest.drop();
      await advance(20_000);
      gateway.latest.welcome();
    }
    const dialled = gateway.sockets.length;
    gateway.latest.drop();
    await advance(3_900);
    expect(gateway.sockets).toHaveLength(dialled);
  });

  test('after more than three seconds it polls the watched jobs every five', async () => {
    gateway.api = { '/v1/jobs/a/progress': progressOf('a', 7) };
    await watchLive(['a']);
    gateway.latest.drop();
    await advance(2_999);
    expect(gateway.requests).toEqual([]);
    await advance(1);
    expect(client.getJob('a')?.version).toBe(7);
    expect(connection()).toBe('polling');
    gateway.api = { '/v1/jobs/a/progress': progressOf('a', 8) };
    await advance(5_000);
    expect(client.getJob('a')?.version).toBe(8);
    gateway.latest.welcome();
    const polled = gateway.requests.length;
    expect(connection()).toBe('live');
    await advance(14_000);
    expect(gateway.requests).toHaveLength(polled);
  });

  test('with the API away too it says reconnecting, and recovers with either', async () => {
    gateway.api = null;
    await watchLive(['a']);
    gateway.latest.drop();
    await advance(3_000);
    expect(connection()).toBe('reconnecting');
    gateway.api = { '/v1/jobs/a/progress': progressOf('a', 2) };
    await advance(5_000);
    expect(connection()).toBe('polling');
    gateway.api = null;
    await advance(5_000);
    expect(connection()).toBe('reconnecting');
  });

  test('a poll that the socket overtook changes nothing about being live', async () => {
    let answer = (_: Response): void => undefined;
    gateway.slowFetch = new Promise<Response>((resolve) => {
      answer = resolve;
    });
    await watchLive(['a']);
    gateway.latest.drop();
    await advance(3_000);
    gateway.latest.welcome();
    answer(new Response(JSON.stringify(progressOf('a', 1))));
    await advance(12_000);
    expect(connection()).toBe('live');
    expect(gateway.requests).toHaveLength(1);
  });

  test('a job watched while polling is read without waiting for the next turn', async () => {
    gateway.api = { '/v1/jobs/a/progress': progressOf('a', 1), '/v1/jobs/b/progress': progressOf('b', 1) };
    client.watch(['a']);
    await advance(3_100);
    client.watch(['b']);
    await advance(10);
    expect(client.getJob('b')?.version).toBe(1);
  });

  test('a silent line is pinged, and given up without an answer', async () => {
    await watchLive();
    const silent = gateway.latest;
    await advance(15_000);
    expect(silent.sent.at(-1)).toEqual({ type: 'ping' });
    silent.say('pong', {});
    await advance(15_000);
    expect(connection()).toBe('live');
    await advance(5_000);
    expect(connection()).toBe('reconnecting');
    expect(silent.isClosedByClient).toBe(true);
  });

  test('a socket that was given up is not heard any more', async () => {
    await watchLive();
    const old = gateway.latest;
    await advance(20_000);
    old.say('parent_job_progress', progressOf('a', 1));
    old.drop();
    expect(client.getJob('a')).toBeUndefined();
  });

  test('a gateway that never welcomes is dialled again', async () => {
    client.watch(['a']);
    await advance(10_250);
    expect(gateway.sockets).toHaveLength(2);
  });

  test('a refusal is not repeated; polling goes on, and a wake tries once more', async () => {
    gateway.api = { '/v1/jobs/a/progress': progressOf('a', 1) };
    await watchLive(['a']);
    gateway.latest.drop(4400);
    await advance(60_000);
    expect(gateway.sockets).toHaveLength(1);
    expect(connection()).toBe('polling');
    client.resync();
    await advance(0);
    expect(gateway.sockets).toHaveLength(2);
  });

  test('a job whose state the gateway could not read is asked for again', async () => {
    await watchLive(['a']);
    gateway.latest.say('error', { code: 'unavailable', message: '', job_ids: ['a', 'left'] });
    await advance(2_000);
    expect(gateway.latest.sent.at(-1)).toEqual({ type: 'subscribe', payload: { job_ids: ['a'] } });
    expect(gateway.latest.sent).toHaveLength(2);
  });
});

describe('when a tab wakes', () => {
  test('it reads the present state and asks the line for a sign of life', async () => {
    gateway.api = { '/v1/jobs/a/progress': progressOf('a', 9) };
    await watchLive(['a']);
    client.resync();
    await advance(0);
    expect(client.getJob('a')?.version).toBe(9);
    expect(gateway.latest.sent.at(-1)).toEqual({ type: 'ping' });
    await advance(5_000);
    expect(connection()).toBe('reconnecting');
  });

  test('it dials at once instead of waiting out the backoff', async () => {
    await watchLive();
    gateway.latest.drop();
    client.resync();
    await advance(0);
    expect(gateway.sockets).toHaveLength(2);
  });
});

test('the address of the gateway is asked anew before each attempt', async () => {
  client.close();
  const urls = ['ws://old/ws', 'ws://new/ws'];
  let asked = 0;
  client = createProgressClient({
    gatewayUrl: async () => {
      const url = urls[asked];
      asked += 1;
      if (!url) throw new Error('away');
      return url;
    },
    apiUrl: '',
    WebSocket: gateway.WebSocket,
    fetch: gateway.fetch,
    random: () => 0.5,
  });
  client.watch(['a']);
  await advance(0);
  gateway.latest.drop();
  await advance(300);
  expect(gateway.sockets.map(({ url }) => url)).toEqual(urls);
  gateway.latest.drop();
  await advance(30_000);
  expect(asked).toBeGreaterThan(4);
});

test('an address that comes after everybody left is not dialled', async () => {
  client.close();
  let answer = (_: string): void => undefined;
  client = createProgressClient({
    gatewayUrl: () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
    apiUrl: '',
    WebSocket: gateway.WebSocket,
    fetch: gateway.fetch,
  });
  const stop = client.watch(['a']);
  await advance(0);
  stop();
  await advance(0);
  answer(GATEWAY_URL);
  await advance(0);
  expect(gateway.sockets).toEqual([]);
});
