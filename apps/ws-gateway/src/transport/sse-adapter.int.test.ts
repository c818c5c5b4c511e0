import { createTestKeys } from '@progeny/identity/testing';
import { jobId, large, lifecycle, progress } from '../testing/events.ts';
import { createGatewayScene, type GatewayScene } from '../testing/gateway-scene.ts';
import { knock } from '../testing/knock.ts';
import { HELD, stalledStream } from '../testing/stalled-stream.ts';
import { pass, stopTime } from '../testing/stopped-time.ts';

const keys = createTestKeys();
let scene: GatewayScene;

const startScene = async (...given: Parameters<typeof createGatewayScene>) => {
  scene = await createGatewayScene(...given);
  return scene;
};

afterEach(async () => {
  jest.useRealTimers();
  await scene.close();
});

test('a stream carries the same envelopes as the socket, each named by its type', async () => {
  const { publish, stream } = await startScene();
  const { response, next } = await stream();
  expect(response.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
  });
  expect(await next()).toMatchObject({ message: { type: 'welcome' } });
  publish(lifecycle(1), progress(2));
  expect([await next(), await next()]).toEqual([{ message: lifecycle(1) }, { message: progress(2) }]);
});

test('job_id narrows it to jobs, their snapshots first', async () => {
  const { publish, create, stream } = await startScene();
  const [first, second, other] = [await create(), await create(), await create()];
  const { next } = await stream(`/sse?job_id=${first}&job_id=${second}&job_id=${first}`);
  const entries = [await next(), await next(), await next(), await next()];
  expect(entries.map((entry) => entry?.message?.type)).toEqual([
    'welcome',
    'subscribed',
    'parent_job_progress',
    'parent_job_progress',
  ]);
  publish(progress(8, { id: other }), progress(9, { id: second }));
  expect((await next())?.message).toEqual(progress(9, { id: second }));
});

test('an unknown job is told in the stream, which stays', async () => {
  const { stream, measured } = await startScene();
  const reader = await stream(`/sse?job_id=${jobId(404)}`);
  expect((await reader.message('refused')).payload).toMatchObject({
    code: 'job_not_found',
    job_ids: [jobId(404)],
  });
  expect(await measured('connections')).toBe(1);
});

test.each([
  ['what is no id', '/sse?job_id=*'],
  ['nothing', '/sse?job_id='],
  ['less than what there is', '/sse?only=children'],
  [
    'more than a hundred jobs',
    `/sse?${Array.from({ length: 101 }, (_, index) => `job_id=${jobId(index)}`).join('&')}`,
  ],
])('asking for %s is a 400, and takes no place', async (_, path) => {
  const { port, measured } = await startScene();
  expect(await knock(port, {}, { path })).toMatchObject({
    status: 400,
    problem: { code: 'invalid_request' },
  });
  expect(await measured('connections')).toBe(0);
});

test('a quiet stream is kept alive', async () => {
  const { stream } = await startScene({ env: { HEARTBEAT_INTERVAL_MS: '10' } });
  const { next } = await stream();
  await next();
  expect([await next(), await next()]).toEqual([{ comment: 'alive' }, { comment: 'alive' }]);
});

test('a reader that goes away is forgotten', async () => {
  const { stream, untilConnections } = await startScene();
  const { response } = await stream();
  await untilConnections(1);
  response.destroy();
  await untilConnections(0);
});

describe('a reader that stands still', () => {
  test('gets, of each job, the newest progress once it reads on, and what must not be left out before', async () => {
    stopTime();
    await startScene();
    const { stream, lastVersion } = await stalledStream(scene);
    for (let version = lastVersion + 1; version <= lastVersion + 500; version += 1) {
      scene.publish(progress(version, { id: HELD }));
      await pass(20);
    }
    // The last one has its turn at last.
    await pass(200);
    const versions: number[] = [];
    while (versions.at(-1) !== lastVersion + 500) {
      const { payload } = await stream.message('parent_job_progress');
      if (payload.job_id === HELD) versions.push(payload.version);
    }
    // What it had taken before it stood still, and then the present.
    expect(versions.slice(0, -1).filter((version) => version > lastVersion)).toEqual([]);
    const entry = stream.message('JOB_CANCELLED');
    scene.publish(
      lifecycle(1, { id: HELD }),
      progress(2_000, { id: HELD, status: 'cancelled' }),
      lifecycle(2, { id: HELD, type: 'JOB_CANCELLED' }),
    );
    await pass(200);
    expect((await entry).payload.seq).toBe(2);
  });

  test('is cut off when what must not be left out piles up', async () => {
    const { publish, measured, stream } = await startScene();
    const { response } = await stream();
    expect(await measured('connections')).toBe(1);
    for (let seq = 1; (await measured('connections')) > 0; seq += 1) {
      publish(large(seq));
      await new Promise(setImmediate);
      expect(seq).toBeLessThan(2_000);
    }
    response.destroy();
  });

  test('past the expiry of its token harms nobody and is cut off', async () => {
    stopTime();
    await startScene({ env: { ...keys.env, HEARTBEAT_INTERVAL_MS: '1000' } });
    const owner = { tenantId: 'acme', userId: 'ann' };
    const exp = Math.floor(Date.now() / 1_000) + 3_600;
    const token = await keys.sign({ tenant_id: 'acme', user_id: 'ann', exp });
    await stalledStream(scene, { authorization: `Bearer ${token}` }, owner);
    await pass(exp * 1_000 - Date.now());
    await pass(2_500);
    scene.publishOf(owner, lifecycle(1, { id: HELD }));
    await pass(10_000);
    await scene.untilConnections(0);
  });
});

test('a stop ends every stream', async () => {
  const { stop, stream } = await startScene();
  const { message, next } = await stream();
  const stopped = stop();
  await message('reconnect');
  while ((await next()) !== null) {}
  await stopped;
}, 3_000);

describe('pages of other origins', () => {
  const ORIGIN = 'https://app.example';
  const ASKED = { 'access-control-request-method': 'GET', 'access-control-request-headers': 'last-event-id' };
  const ALLOWED = {
    'access-control-allow-origin': ORIGIN,
    'access-control-allow-credentials': 'true',
    vary: 'origin',
  };

  test.each([
    ['OPTIONS', 204, { origin: ORIGIN, ...ASKED }],
    ['GET', 401, { origin: ORIGIN }],
    ['GET', 401, { origin: ORIGIN, authorization: 'Bearer nonsense' }],
  ])('that are allowed may read the answer to %s, a %i', async (method, status, headers) => {
    const { port } = await startScene({
      env: { ...keys.env, ALLOWED_ORIGINS: `${ORIGIN},https://b.example` },
    });
    expect(await knock(port, headers, { path: '/sse', method })).toMatchObject({ status, headers: ALLOWED });
  });

  test('that are allowed are told before what they may send, and may read the stream', async () => {
    const { port, stream } = await startScene({ env: { ALLOWED_ORIGINS: ORIGIN } });
    const { headers } = await knock(port, { origin: ORIGIN, ...ASKED }, { path: '/sse', method: 'OPTIONS' });
    expect(headers).toMatchObject({
      'access-control-allow-methods': 'GET',
      'access-control-allow-headers': 'authorization, last-event-id',
    });
    expect((await stream('/sse', { origin: ORIGIN })).response.headers).toMatchObject(ALLOWED);
  });

  test.each(['OPTIONS', 'GET'])('that are not allowed are told nothing by %s', async (method) => {
    const { port } = await startScene({ env: { ALLOWED_ORIGINS: ORIGIN } });
    for (const origin of [
      'https://evil.example',
      'null',
      `${ORIGIN}.evil.example`,
      'http://localhost:3000',
    ]) {
      const { status, headers } = await knock(port, { origin, ...ASKED }, { path: '/sse', method });
      expect([origin, status]).toEqual([origin, 403]);
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  test('are not spoken of to others, and other methods are unknown', async () => {
    const { port, stream } = await startScene();
    expect((await stream()).response.headers['access-control-allow-origin']).toBeUndefined();
    for (const method of ['POST', 'PUT', 'DELETE']) {
      expect((await knock(port, {}, { path: '/sse', method })).status).toBe(404);
    }
  });
});
