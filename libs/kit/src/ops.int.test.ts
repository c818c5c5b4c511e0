import { once } from 'node:events';
import { connect } from 'node:net';
import type { HealthCheck } from './health.ts';
import { PortTakenError } from './listen.ts';
import { createMetrics } from './metrics.ts';
import { createOpsServer, type OpsServer } from './ops.ts';

const running: OpsServer[] = [];

async function startOps(checks: Record<string, HealthCheck> = {}, port = 0) {
  const metrics = createMetrics({ service: 'sample' });
  const server = createOpsServer({ metrics, checks, host: '127.0.0.1', port, portVariable: 'OPS_PORT' });
  await server.start();
  running.push(server);
  return {
    metrics,
    server,
    get: (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init),
  };
}

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

test('a process is live whatever its neighbours do', async () => {
  const { get } = await startOps({
    nats: () => {
      throw new Error('reconnecting');
    },
  });
  const response = await get('/health/live');
  expect([response.status, await response.json()]).toEqual([200, { live: true }]);
});

test('ready says 503 and which neighbour is away, and 200 once it is back', async () => {
  let state = 'reconnecting';
  const { get } = await startOps({
    nats: () => {
      if (state !== 'connected') throw new Error(state);
    },
    postgres: () => {},
  });
  const away = await get('/health/ready');
  expect([away.status, await away.json()]).toEqual([
    503,
    { ready: false, checks: { nats: 'reconnecting', postgres: 'ok' } },
  ]);
  state = 'connected';
  const back = await get('/health/ready?verbose=1');
  expect([back.status, await back.json()]).toEqual([
    200,
    { ready: true, checks: { nats: 'ok', postgres: 'ok' } },
  ]);
});

test('metrics are there in the format of Prometheus', async () => {
  const { get, metrics } = await startOps();
  metrics.counter('things_total', 'Things').inc();
  const response = await get('/metrics');
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  expect(text).toContain('things_total{service="sample"} 1\n');
  expect(text).toContain('process_resident_memory_bytes');
});

test('metrics that cannot be read are a 500, and the server lives on', async () => {
  const { get, metrics } = await startOps();
  metrics.gauge('broken', 'Broken', () => {
    throw new Error('no such thing');
  });
  expect((await get('/metrics')).status).toBe(500);
  expect((await get('/health/live')).status).toBe(200);
});

test('everything else is a 404', async () => {
  const { get } = await startOps();
  expect((await get('/')).status).toBe(404);
  expect((await get('/health/live', { method: 'POST' })).status).toBe(404);
  expect((await get('/health/live', { method: 'HEAD' })).status).toBe(200);
});

test('a port that is taken is told with the name of the variable that sets another', async () => {
  const { server } = await startOps();
  const taken = startOps({}, server.port);
  await expect(taken).rejects.toThrow(PortTakenError);
  await expect(taken).rejects.toThrow(
    `port ${server.port} is taken by another program; set OPS_PORT to a free one`,
  );
});

test('a stop lets a request that runs come to its answer, and does not wait for the connection to idle out', async () => {
  let answer = () => {};
  let asked = () => {};
  const arrived = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const { get, server } = await startOps({
    slow: () => {
      asked();
      return new Promise<void>((resolve) => {
        answer = resolve;
      });
    },
  });
  const response = get('/health/ready');
  await arrived;
  const stopped = server.stop();
  answer();
  expect((await response).status).toBe(200);
  await stopped;
}, 3_000);

test('a stop does not wait for a connection on which nothing was ever asked', async () => {
  const { get, server } = await startOps();
  const silent = connect(server.port, '127.0.0.1');
  await once(silent, 'connect');
  // Whatever connected before is known to the server by now.
  await get('/health/live');
  const gone = once(silent.resume(), 'close');
  await server.stop();
  await gone;
}, 3_000);
