import { brief, lifecycle, progress } from './testing/events.ts';
import { createGatewayScene, type GatewayScene } from './testing/gateway-scene.ts';

let scene: GatewayScene;

afterEach(() => scene.close());

const fetchPath = (path: string) => fetch(`http://127.0.0.1:${scene.port}${path}`);

test('what no event told is found by the poll, and counted', async () => {
  scene = await createGatewayScene({ env: { POLL_INTERVAL_MS: '10' } });
  const jobId = await scene.create(2);
  const client = await scene.connect();
  client.subscribe(jobId);
  await client.next('subscribed');
  expect(brief(await client.next('parent_job_progress'))).toBe('v2');
  // The poll may have told of the job before, while the client still watched everything.
  const before = await scene.measured('backstop_delivered_total');
  await scene.store.claim({ workerId: 'w', jobTypes: ['task'], limit: 1, leaseMs: 1_000 });
  await scene.store.fold([jobId]);
  expect(brief(await client.next('JOB_STARTED'))).toBe('JOB_STARTED 1');
  expect(brief(await client.next('parent_job_progress'))).toBe('v3');
  expect(await scene.measured('backstop_delivered_total')).toBe(before + 2);
});

test('it says how much it forwarded, by type, and how many are connected', async () => {
  scene = await createGatewayScene();
  const client = await scene.connect();
  scene.publish(lifecycle(1), progress(2), progress(2), progress(3));
  await client.next('parent_job_progress');
  await client.next('parent_job_progress');
  const text = await (await fetchPath('/metrics')).text();
  expect(text).toContain('events_forwarded_total{type="JOB_STARTED",service="ws-gateway"} 1\n');
  expect(text).toContain('events_forwarded_total{type="parent_job_progress",service="ws-gateway"} 2\n');
  expect(text).toContain('connections{service="ws-gateway"} 1\n');
});

test('it is ready when ledger and bus are there', async () => {
  let away = false;
  scene = await createGatewayScene({
    store: (store) => ({
      ...store,
      ping: () => (away ? Promise.reject(new Error('connection refused')) : store.ping()),
    }),
  });
  expect((await fetchPath('/health/ready')).status).toBe(200);
  away = true;
  const response = await fetchPath('/health/ready');
  expect([response.status, await response.json()]).toEqual([
    503,
    { ready: false, checks: { postgres: 'connection refused', nats: 'ok' } },
  ]);
  expect((await fetchPath('/health/live')).status).toBe(200);
});

test('there is nothing else', async () => {
  scene = await createGatewayScene();
  expect((await fetchPath('/')).status).toBe(404);
  expect((await fetchPath('/ws')).status).toBe(404);
});
