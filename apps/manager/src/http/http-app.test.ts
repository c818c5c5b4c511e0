import { createManagerScene, createWebDist, type ManagerScene } from '../testing/manager-scene.ts';

let scene: ManagerScene;
beforeEach(async () => {
  scene = await createManagerScene({ env: { GATEWAY_URL: 'ws://127.0.0.1:4901/ws' } });
});
afterEach(() => scene.close());

test('a crawl is created with its seeds in one spelling, sealed, and counted from the first answer on', async () => {
  const answer = await scene.post('/v1/jobs', {
    type: 'crawl',
    seeds: ['https://Site.example/#top', 'https://site.example/', 'https://site.example/a'],
  });
  expect(answer.status).toBe(201);
  expect(answer.headers.location).toBe(`/v1/jobs/${answer.body.job_id}`);
  expect(answer.body).toMatchObject({
    type: 'crawl',
    name: 'site.example',
    spec: { seeds: ['https://site.example/', 'https://site.example/a'], limits: { max_pages: 1000 } },
    progress: { sealed: true, progress_text: '2 pending, 0 running, 0 completed, 0 failed' },
  });
  expect(scene.changes.map(({ from, to, url }) => [from, to, url])).toEqual([
    [null, 'pending', undefined],
    [null, 'pending', 'https://site.example/'],
    [null, 'pending', 'https://site.example/a'],
  ]);
});

test('a custom parent is filled, sealed and worked off from outside', async () => {
  const { job_id: jobId } = await scene.createParent({ type: 'custom' });
  const { body: added } = await scene.post(`/v1/jobs/${jobId}/children`, {
    children: [{ key: 'a', payload: { n: 1 } }, { key: 'b' }, { key: 'a' }],
  });
  expect(added.children.map(({ key, created }: { key: string; created: boolean }) => [key, created])).toEqual(
    [
      ['a', true],
      ['b', true],
      ['a', false],
    ],
  );
  expect((await scene.post(`/v1/jobs/${jobId}/seal`)).status).toBe(200);
  expect((await scene.post(`/v1/jobs/${jobId}/seal`)).status).toBe(200);
  const reports = added.children.slice(0, 2).map(({ job_id }: { job_id: string }) => ({
    job_id,
    status: 'completed',
    attempt: 1,
    result: { ok: true },
  }));
  await scene.post('/v1/jobs/status', { reports });
  await scene.store.fold([jobId]);
  expect((await scene.get(`/v1/jobs/${jobId}`)).body).toMatchObject({ status: 'completed' });
  const { children } = (await scene.get(`/v1/jobs/${jobId}/children?status=completed`)).body;
  expect(children).toHaveLength(2);
  expect(children[0]).toMatchObject({ key: 'a', payload: { n: 1 }, result: { ok: true } });
});

test('a parent that does not end explains itself, over HTTP and over the bus alike', async () => {
  const { job_id: jobId } = await scene.createParent({
    type: 'custom',
    seal_timeout_seconds: 60,
    children: [{ key: 'a' }],
  });
  const { body, status, headers } = await scene.get(`/v1/jobs/${jobId}/explain`);
  expect(status).toBe(200);
  expect(headers['cache-control']).toBe('no-store');
  expect(body).toMatchObject({
    job_id: jobId,
    reasons: [{ code: 'unsealed' }, { code: 'children_pending' }],
    sealed_at: null,
    seal_expires_at: expect.any(String),
    open_children: [{ key: 'a', status: 'pending', attempt: 0, lease_owner: null }],
  });
  expect(await scene.bus.request('explain', { job_id: jobId })).toEqual(body);
  const { problem } = await scene.get(`/v1/jobs/${body.open_children[0].job_id}/explain`);
  expect(problem).toMatchObject({ status: 409, code: 'not_a_parent' });
  expect((await scene.get('/v1/jobs/01890000-0000-7000-8000-00000000dead/explain')).problem.code).toBe(
    'job_not_found',
  );
});

test('a job that failed says why', async () => {
  const { job_id: jobId } = await scene.createParent({
    type: 'custom',
    sealed: true,
    children: [{ key: 'a' }],
  });
  expect((await scene.get(`/v1/jobs/${jobId}`)).body.error).toBeNull();
  const [child] = (await scene.get(`/v1/jobs/${jobId}/children`)).body.children;
  await scene.post(`/v1/jobs/${child.job_id}/status`, { status: 'failed', attempt: 1 });
  await scene.store.fold([jobId]);
  expect((await scene.get(`/v1/jobs/${jobId}`)).body).toMatchObject({
    status: 'failed',
    error: { error_code: 'no_child_succeeded' },
  });
});

test('progress answers the very object that the fold publishes', async () => {
  const { job_id: jobId } = await scene.createParent();
  const [child] = (await scene.get(`/v1/jobs/${jobId}/children`)).body.children;
  await scene.post(`/v1/jobs/${child.job_id}/status`, { status: 'running', attempt: 1 });
  const [folded] = await scene.store.fold([jobId]);
  const { body, headers } = await scene.get(`/v1/jobs/${jobId}/progress`);
  expect(body).toEqual(folded?.progress);
  expect(headers.etag).toBe(`"${folded?.progress.version}"`);
  expect((await scene.get(`/v1/jobs/${child.job_id}/progress`)).body).toEqual({
    job_id: child.job_id,
    version: 2,
    status: 'running',
    progress_percentage: 0,
    progress_stage: 'queued',
    progress_label: '',
  });
});

test('a cancel answers at once, reaches every child, and twice is harmless', async () => {
  const children = Array.from({ length: 1_200 }, (_, key) => ({ key: String(key) }));
  const { job_id: jobId } = await scene.createParent({ type: 'custom', children });
  expect((await scene.post(`/v1/jobs/${jobId}/cancel`)).status).toBe(202);
  expect((await scene.post(`/v1/jobs/${jobId}/cancel`)).status).toBe(202);
  await scene.untilChanged('cancelled', children.length);
  expect(scene.changes.filter((change) => change.to === 'cancelled')).toHaveLength(children.length);
  const [folded] = await scene.store.fold([jobId]);
  expect(folded?.progress).toMatchObject({ status: 'cancelled', cancelled_children: children.length });
});

test('lists go on from their cursor to the end', async () => {
  for (let made = 0; made < 3; made += 1) await scene.createParent();
  const first = (await scene.get('/v1/jobs?limit=2')).body;
  const rest = (await scene.get(`/v1/jobs?limit=2&cursor=${first.next_cursor}`)).body;
  expect([first.jobs.length, rest.jobs.length, rest.next_cursor]).toEqual([2, 1, null]);
});

test('workers claim, keep and report over the bus what HTTP created', async () => {
  const { job_id: jobId } = await scene.createParent({
    type: 'custom',
    child_type: 'thumbnail',
    children: [{ key: 'a' }],
  });
  const claim = { worker_id: 'w1', job_types: ['thumbnail'], limit: 5 };
  const { children, parents } = await scene.bus.request('claim', claim);
  expect(children).toMatchObject([{ parent_id: jobId, key: 'a', attempt: 1 }]);
  expect(parents[jobId]).toMatchObject({ child_type: 'thumbnail' });
  const held = children.map(({ job_id, attempt }) => ({ job_id, attempt }));
  expect(await scene.bus.request('heartbeat', { children: held })).toEqual({ lost: [] });
  const { reports } = await scene.bus.request('report', {
    reports: held.map((child) => ({ ...child, status: 'completed' as const })),
  });
  expect(reports).toMatchObject([{ outcome: 'applied', status: 'completed' }]);
});

test('a bus that is away fails no request', async () => {
  const { job_id: jobId } = await scene.createParent();
  await scene.ownBus.close();
  expect((await scene.post(`/v1/jobs/${jobId}/seal`)).status).toBe(200);
  expect(scene.ownBus.counters.unsent).toBe(1);
});

test('health and metrics answer beside the API', async () => {
  expect((await scene.get('/health/live')).body).toEqual({ live: true });
  expect((await scene.get('/health/ready')).body).toEqual({ ready: true, checks: {} });
  expect((await scene.get('/metrics')).body).toContain('process_cpu_seconds_total');
});

describe('the page', () => {
  const dist = createWebDist();
  let withPage: ManagerScene;
  beforeAll(async () => {
    withPage = await createManagerScene({
      env: {
        WEB_DIST: dist.folder,
        GATEWAY_URL: 'ws://127.0.0.1:4901/ws',
        DEMO_URL: 'http://127.0.0.1:4004/',
      },
    });
  });
  afterAll(async () => {
    await withPage.close();
    dist.remove();
  });

  test.each(['/', '/jobs/01890000-0000-7000-8000-00000000dead'])('is served at %s', async (url) => {
    const { status, body, headers } = await withPage.get(url);
    expect({ status, body }).toEqual({ status: 200, body: expect.stringContaining('<title>Progeny') });
    expect(headers['cache-control']).toBe('no-cache');
  });

  test('may connect to itself and to the gateway, and run no script from elsewhere', async () => {
    const policy = String((await withPage.get('/')).headers['content-security-policy']);
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self' ws://127.0.0.1:4901 http://127.0.0.1:4901");
  });

  test('has a browser ask again for what may change under the same name', async () => {
    expect((await withPage.get('/index.html')).headers['cache-control']).toBe('no-cache');
  });

  test('keeps its hashed files for long', async () => {
    const { status, headers } = await withPage.get('/assets/app-1a2b3c.js');
    expect(status).toBe(200);
    expect(headers['cache-control']).toContain('immutable');
  });

  test('learns where the gateway and the demo site are', async () => {
    expect((await withPage.get('/page-config.json')).body).toEqual({
      gateway_url: 'ws://127.0.0.1:4901/ws',
      demo_url: 'http://127.0.0.1:4004/',
    });
  });

  test('carries the headers that keep other sites out', async () => {
    expect((await withPage.get('/')).headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
    });
  });

  test('says of a file that is not there what the API says', async () => {
    expect((await withPage.get('/assets/gone.js')).body).toMatchObject({ code: 'route_not_found' });
  });

  test('leads nowhere outside its folder', async () => {
    expect((await withPage.get('/..%2f..%2f..%2fetc/passwd')).status).toBe(404);
  });
});
