import { LIMITS, PROBLEMS, type ProblemCode, problemSchema } from '@progeny/contract';
import { StoreError } from '@progeny/job-store';
import { type Answer, createManagerScene, type ManagerScene } from '../testing/manager-scene.ts';

const UNKNOWN = '01890000-0000-7000-8000-00000000dead';

let scene: ManagerScene;
beforeEach(async () => {
  scene = await createManagerScene();
});
afterEach(() => scene.close());

/** The answer is a whole problem document of that code, and tells nothing of our insides. */
function expectProblem(answer: Answer, code: ProblemCode): void {
  expect(problemSchema.parse(answer.body)).toEqual(answer.body);
  expect(answer.problem).toMatchObject({ code, status: PROBLEMS[code].status, title: PROBLEMS[code].title });
  expect(answer.status).toBe(PROBLEMS[code].status);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts:|\.js:|at \w+ \(/);
}

const crawl = (more: Record<string, unknown> = {}) => ({
  type: 'crawl',
  seeds: ['https://site.example/'],
  ...more,
});

test.each<[string, unknown, string]>([
  ['a URL that is no http(s)', crawl({ seeds: ['ftp://site.example/'] }), 'seeds.0'],
  ['a URL without a scheme', crawl({ seeds: ['site.example'] }), 'seeds.0'],
  [
    'a URL that is too long once it is encoded',
    crawl({ seeds: [`https://site.example/${'ü'.repeat(400)}`] }),
    'seeds.0',
  ],
  ['no seed at all', crawl({ seeds: [] }), 'seeds'],
  ['a number for a list', crawl({ seeds: 7 }), 'seeds'],
  ['a negative limit', crawl({ limits: { max_pages: -1 } }), 'limits.max_pages'],
  ['an unknown type', { type: 'party' }, 'type'],
  ['a priority that is too high', crawl({ priority: 101 }), 'priority'],
  ['a priority between two', crawl({ priority: 0.5 }), 'priority'],
  ['a failure policy that there is not', crawl({ failure_policy: 'sometimes' }), 'failure_policy'],
  ['fewer failures than none', crawl({ failure_policy: { max_failed: -1 } }), 'failure_policy.max_failed'],
  ['more failures than all', crawl({ failure_policy: { max_failed: '101%' } }), 'failure_policy.max_failed'],
  ['a deadline that is over', crawl({ deadline_seconds: 0 }), 'deadline_seconds'],
  [
    'a deadline that is too far',
    { type: 'custom', deadline_seconds: LIMITS.deadlineMaxSeconds + 1 },
    'deadline_seconds',
  ],
  ['no time for a child', crawl({ child_timeout_seconds: 0 }), 'child_timeout_seconds'],
  [
    'too much time for a child',
    { type: 'custom', child_timeout_seconds: LIMITS.childTimeoutMaxSeconds + 1 },
    'child_timeout_seconds',
  ],
  ['a child without a key', { type: 'custom', children: [{ payload: {} }] }, 'children.0.key'],
])('a body with %s is told where it is wrong', async (_, body, path) => {
  const answer = await scene.post('/v1/jobs', body);
  expectProblem(answer, 'invalid_request');
  expect(answer.problem.errors?.map((error) => error.path)).toContain(path);
  expect((await scene.get('/v1/jobs')).body.jobs).toEqual([]);
});

test('unparsable JSON, an empty body and another media type are told apart', async () => {
  expectProblem(await scene.post('/v1/jobs', '{"type": "crawl",'), 'invalid_json');
  expectProblem(await scene.post('/v1/jobs', ''), 'invalid_json');
  expectProblem(
    await scene.post('/v1/jobs', 'type=crawl', { 'content-type': 'text/csv' }),
    'unsupported_media_type',
  );
  expectProblem(await scene.post('/v1/jobs'), 'invalid_request');
});

test('a body that would change what objects are made of is refused', async () => {
  expectProblem(
    await scene.post('/v1/jobs', '{"type":"custom","__proto__":{"sealed":true}}'),
    'invalid_json',
  );
});

test('a body over the limit is refused', async () => {
  const body = JSON.stringify(crawl({ name: 'x'.repeat(LIMITS.httpBodyMaxBytes) }));
  expectProblem(await scene.post('/v1/jobs', body), 'body_too_large');
});

test.each([
  ['GET', `/v1/jobs/${UNKNOWN}`],
  ['GET', `/v1/jobs/${UNKNOWN}/progress`],
  ['GET', `/v1/jobs/${UNKNOWN}/explain`],
  ['GET', `/v1/jobs/${UNKNOWN}/children`],
  ['POST', `/v1/jobs/${UNKNOWN}/seal`],
  ['GET', `/v1/jobs/${UNKNOWN}/events`],
  ['GET', `/v1/jobs/${UNKNOWN}/log`],
  ['POST', `/v1/jobs/${UNKNOWN}/cancel`],
  ['POST', `/v1/jobs/${UNKNOWN}/pause`],
  ['POST', `/v1/jobs/${UNKNOWN}/resume`],
  ['POST', `/v1/jobs/${UNKNOWN}/retry-failed`],
  ['POST', `/v1/jobs/${UNKNOWN}/retry`],
  ['DELETE', `/v1/jobs/${UNKNOWN}`],
] as const)('an unknown job is a 404: %s %s', async (method, url) => {
  expectProblem(await scene.ask({ method, url }), 'job_not_found');
});

test('an unknown job is a 404 for children and for a status, too', async () => {
  expectProblem(
    await scene.post(`/v1/jobs/${UNKNOWN}/children`, { children: [{ key: 'a' }] }),
    'job_not_found',
  );
  expectProblem(
    await scene.post(`/v1/jobs/${UNKNOWN}/status`, { status: 'running', attempt: 1 }),
    'job_not_found',
  );
});

test('an id that is none, and an address that is none', async () => {
  expectProblem(await scene.get('/v1/jobs/%E0%A4%A'), 'invalid_request');
  expectProblem(await scene.get(`/v1/jobs/${'x'.repeat(300)}`), 'invalid_request');
  expectProblem(await scene.get('/v1/jobs/seven'), 'invalid_request');
  expectProblem(await scene.get('/v1/jobz'), 'route_not_found');
  expectProblem(await scene.ask({ method: 'DELETE', url: '/v1/jobs' }), 'route_not_found');
  expectProblem(await scene.ask({ method: 'DELETE', url: '/v1/jobs/seven' }), 'invalid_request');
  expectProblem(await scene.post('/v1/jobs/seven/pause'), 'invalid_request');
  expectProblem(await scene.post(`/v1/jobs/${UNKNOWN}/explode`), 'route_not_found');
});

test('a sealed parent takes no children, an ended one no cancel, and a child is no parent', async () => {
  const { job_id: jobId } = await scene.createParent({
    type: 'custom',
    sealed: true,
    children: [{ key: 'a' }],
  });
  expectProblem(await scene.post(`/v1/jobs/${jobId}/children`, { children: [{ key: 'b' }] }), 'job_sealed');
  const [child] = (await scene.get(`/v1/jobs/${jobId}/children`)).body.children;
  expectProblem(await scene.post(`/v1/jobs/${child.job_id}/seal`), 'not_a_parent');
  expectProblem(await scene.post(`/v1/jobs/${child.job_id}/cancel`), 'not_a_parent');
  expectProblem(await scene.get(`/v1/jobs/${child.job_id}/children`), 'not_a_parent');
  expectProblem(
    await scene.post(`/v1/jobs/${jobId}/status`, { status: 'completed', attempt: 1 }),
    'not_a_child',
  );
  await scene.post(`/v1/jobs/${child.job_id}/status`, { status: 'completed', attempt: 1 });
  await scene.store.fold([jobId]);
  expectProblem(await scene.post(`/v1/jobs/${jobId}/cancel`), 'job_ended');
});

test('a cancelled parent takes no children', async () => {
  const { job_id: jobId } = await scene.createParent();
  await scene.post(`/v1/jobs/${jobId}/cancel`);
  expectProblem(await scene.post(`/v1/jobs/${jobId}/children`, { children: [{ key: 'b' }] }), 'job_ended');
});

describe('a report', () => {
  let url: string;
  const current = async () => (await scene.get(url.replace('/status', ''))).body;
  beforeEach(async () => {
    const { job_id: jobId } = await scene.createParent();
    const [child] = (await scene.get(`/v1/jobs/${jobId}/children`)).body.children;
    url = `/v1/jobs/${child.job_id}/status`;
  });

  test('from completed back to running changes nothing', async () => {
    await scene.post(url, { status: 'completed', attempt: 1 });
    const before = await current();
    expectProblem(await scene.post(url, { status: 'running', attempt: 1 }), 'illegal_transition');
    expect(await current()).toEqual(before);
  });

  test('that comes twice gets the same answer twice, and counts once', async () => {
    const report = {
      status: 'failed',
      attempt: 1,
      error: { error_code: 'broken', user_message: 'It broke.' },
    };
    const first = await scene.post(url, report);
    expect(first).toMatchObject({ status: 200, body: { outcome: 'applied', status: 'failed', attempt: 1 } });
    const published = scene.changes.length;
    expect((await scene.post(url, report)).body).toEqual(first.body);
    expect(scene.changes).toHaveLength(published);
  });

  test('of an old attempt changes nothing', async () => {
    await scene.post(url, { status: 'running', attempt: 2 });
    const before = await current();
    expectProblem(await scene.post(url, { status: 'completed', attempt: 1 }), 'stale_attempt');
    expect(await current()).toEqual(before);
  });

  test.each([
    ['pending', { status: 'pending', attempt: 1 }],
    ['no attempt', { status: 'running' }],
    ['attempt 0', { status: 'running', attempt: 0 }],
    ['an error without a code', { status: 'failed', attempt: 1, error: { user_message: 'x' } }],
  ])('with %s is refused', async (_, body) => {
    expectProblem(await scene.post(url, body), 'invalid_request');
    expect(await current()).toMatchObject({ status: 'pending', attempt: 0 });
  });
});

test('in a bulk of reports each one is answered for itself, in order', async () => {
  const { job_id: jobId } = await scene.createParent({
    type: 'custom',
    children: [{ key: 'a' }, { key: 'b' }],
  });
  const { children } = (await scene.get(`/v1/jobs/${jobId}/children`)).body;
  const [a, b] = children.map((child: { job_id: string }) => child.job_id);
  const { body } = await scene.post('/v1/jobs/status', {
    reports: [
      { job_id: a, status: 'completed', attempt: 1 },
      { job_id: UNKNOWN, status: 'completed', attempt: 1 },
      { job_id: a, status: 'running', attempt: 1 },
      { job_id: b, status: 'running', attempt: 1 },
      { job_id: b, status: 'running', attempt: 1 },
    ],
  });
  expect(body.reports.map((answer: { outcome: string }) => answer.outcome)).toEqual([
    'applied',
    'unknown_job',
    'illegal_transition',
    'applied',
    'duplicate',
  ]);
});

test('an idempotency key answers as before, and refuses another request', async () => {
  const headers = { 'idempotency-key': 'monday' };
  const first = await scene.post('/v1/jobs', crawl(), headers);
  const again = await scene.post('/v1/jobs', crawl(), headers);
  expect(again).toMatchObject({ status: 201, body: first.body });
  expect(again.headers['idempotent-replayed']).toBe('true');
  expectProblem(await scene.post('/v1/jobs', crawl({ name: 'another' }), headers), 'idempotency_key_reused');
  expect((await scene.get('/v1/jobs')).body.jobs).toHaveLength(1);
});

test('with the database away the answer is 503 and says when to come back', async () => {
  const away = await createManagerScene({
    breakStore: (store) => ({
      ...store,
      listParents: () => Promise.reject(new StoreError('unavailable', 'the database cannot be reached')),
    }),
  });
  const answer = await away.get('/v1/jobs');
  expectProblem(answer, 'unavailable');
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  await away.close();
});

test('a fault of our own is a 500 that keeps its secrets', async () => {
  const faulty = await createManagerScene({
    breakStore: (store) => ({
      ...store,
      listParents: () => Promise.reject(new Error('password=hunter2')),
    }),
  });
  const answer = await faulty.get('/v1/jobs');
  expectProblem(answer, 'internal');
  expect(JSON.stringify(answer.body)).not.toContain('hunter2');
  await faulty.close();
});
