import { hashTicket, IdentityError } from '@progeny/identity';
import { createTestKeys } from '@progeny/identity/testing';
import { type Answer, createManagerScene, type ManagerScene } from '../testing/manager-scene.ts';
import { bearer, NOBODIES, OWNERS, type OwnerName, PEOPLE } from '../testing/people.ts';

const UNKNOWN = '01890000-0000-7000-8000-00000000dead';
const keys = createTestKeys();
const custom = { type: 'custom', children: [{ key: 'a' }] };

interface Route {
  method: 'GET' | 'POST';
  path: string;
  body?: object;
  /** What whoever sees a job is answered, of a parent and of a child. */
  seen: [parent: number, child: number];
}

/** Every route that is about one job. */
const ROUTES: Route[] = [
  { method: 'GET', path: '', seen: [200, 200] },
  { method: 'GET', path: '/children', seen: [200, 409] },
  { method: 'GET', path: '/explain', seen: [200, 409] },
  { method: 'GET', path: '/progress', seen: [200, 200] },
  { method: 'GET', path: '/progress?wait=30', seen: [200, 200] },
  { method: 'POST', path: '/children', body: { children: [{ key: 'b' }] }, seen: [200, 409] },
  { method: 'POST', path: '/status', body: { status: 'running', attempt: 1 }, seen: [409, 200] },
  { method: 'POST', path: '/seal', seen: [200, 409] },
  { method: 'POST', path: '/cancel', seen: [202, 409] },
];

let scene: ManagerScene;
/** By owner: a parent of theirs and its child. */
let jobs: Record<OwnerName, { parentId: string; childId: string }>;
beforeEach(async () => {
  scene = await createManagerScene({ env: keys.env });
  jobs = {} as typeof jobs;
  for (const [name, claims] of Object.entries(OWNERS)) {
    const headers = bearer(await keys.sign(claims));
    const { job_id: parentId } = (await scene.post('/v1/jobs', custom, headers)).body;
    const { children } = (await scene.get(`/v1/jobs/${parentId}/children`, headers)).body;
    jobs[name as OwnerName] = { parentId, childId: children[0].job_id };
  }
});
afterEach(() => scene.close());

const ask = (
  { method, path, body }: Route,
  jobId: string,
  headers: Record<string, string>,
): Promise<Answer> => {
  const url = `/v1/jobs/${jobId}${path}`;
  return method === 'GET' ? scene.get(url, headers) : scene.post(url, body, headers);
};
/** An answer to the letter, but for the time and the id that was asked for. */
const wordsOf = ({ status, headers: { date: _, ...headers }, body }: Answer, jobId: string) =>
  JSON.stringify({ status, headers, body }).replaceAll(jobId, '<id>');

describe.each(Object.entries(PEOPLE))('%s', (_who, { claims, sees }) => {
  let headers: Record<string, string>;
  beforeEach(async () => {
    headers = bearer(await keys.sign(claims));
  });
  const owned = () => Object.entries(jobs) as [OwnerName, (typeof jobs)[OwnerName]][];

  test('gets of each job that is not theirs, on every route, what one gets of none, and changes nothing', async () => {
    const hidden = owned().filter(([owner]) => !sees.includes(owner));
    const changes = scene.changes.length;
    for (const route of ROUTES) {
      const ofNone = await ask(route, UNKNOWN, headers);
      expect(ofNone.problem).toMatchObject({ status: 404, code: 'job_not_found' });
      for (const jobId of hidden.flatMap(([, { parentId, childId }]) => [parentId, childId])) {
        expect(wordsOf(await ask(route, jobId, headers), jobId)).toBe(wordsOf(ofNone, UNKNOWN));
      }
    }
    expect(scene.changes).toHaveLength(changes);
  });

  test('gets of each job of theirs what there is', async () => {
    for (const { parentId, childId } of sees.map((owner) => jobs[owner])) {
      for (const route of ROUTES) {
        const statuses = [
          (await ask(route, parentId, headers)).status,
          (await ask(route, childId, headers)).status,
        ];
        expect([route, statuses]).toEqual([route, route.seen]);
      }
    }
  });

  test('lists theirs and no others', async () => {
    const { body } = await scene.get('/v1/jobs', headers);
    const listed = body.jobs.map(({ job_id }: { job_id: string }) => job_id).sort();
    expect(listed).toEqual(sees.map((owner) => jobs[owner].parentId).sort());
  });

  test('reports in bulk of theirs alone; the others are as unknown as one that is not there', async () => {
    const reports = [...owned().map(([, { childId }]) => childId), UNKNOWN].map((job_id) => ({
      job_id,
      status: 'completed',
      attempt: 1,
    }));
    const { body } = await scene.post('/v1/jobs/status', { reports }, headers);
    expect(body.reports).toEqual([
      ...owned().map(([owner, { childId }]) =>
        sees.includes(owner)
          ? { job_id: childId, outcome: 'applied', status: 'completed', attempt: 1 }
          : { job_id: childId, outcome: 'unknown_job', status: null, attempt: null },
      ),
      { job_id: UNKNOWN, outcome: 'unknown_job', status: null, attempt: null },
    ]);
  });

  test('creates jobs of their own', async () => {
    const { body, status } = await scene.post('/v1/jobs', custom, headers);
    expect(status).toBe(201);
    const { tenant_id: tenantId, user_id: userId } = claims;
    expect(await scene.store.findOwners([body.job_id])).toEqual(
      new Map([[body.job_id, { tenantId, userId }]]),
    );
  });

  test('may claim and report anything as a worker only', async () => {
    const expected = claims.role === 'worker' ? 200 : 403;
    const child = { job_id: UNKNOWN, attempt: 1 };
    for (const [endpoint, body] of [
      ['claim', { worker_id: 'w', job_types: ['task'], limit: 1 }],
      ['report', { reports: [{ ...child, status: 'completed' }] }],
      ['heartbeat', { children: [child] }],
    ] as const) {
      const { status, problem } = await scene.post(`/v1/workers/${endpoint}`, body, headers);
      expect([endpoint, status]).toEqual([endpoint, expected]);
      if (status === 403) expect(problem.code).toBe('forbidden');
    }
  });

  test('gets a ticket that says who they are and until when, and is not kept as it is', async () => {
    const exp = Math.floor(Date.now() / 1_000) + 60;
    const { body, status } = await scene.post(
      '/v1/tickets',
      undefined,
      bearer(await keys.sign({ ...claims, exp })),
    );
    expect([status, body]).toEqual([201, { ticket: expect.any(String), expires_in_seconds: 30 }]);
    // 128 bits and more.
    expect(Buffer.from(body.ticket, 'base64url').length).toBeGreaterThanOrEqual(16);
    expect(await scene.store.takeTicket(body.ticket)).toBeNull();
    expect(await scene.store.takeTicket(hashTicket(body.ticket))).toEqual({
      tenantId: claims.tenant_id,
      userId: claims.user_id,
      role: claims.role ?? 'user',
      expiresAtMs: exp * 1_000,
    });
  });
});

test.each(Object.entries(NOBODIES))('%s gets nothing on any route', async (_who, tokenOf) => {
  const headers = bearer(await tokenOf(keys));
  const changes = scene.changes.length;
  const answers = [
    await scene.get('/v1/jobs', headers),
    await scene.get('/page-config.json', headers),
    await scene.post('/v1/jobs', custom, headers),
    await scene.post('/v1/jobs/status', { reports: [] }, headers),
    await scene.post('/v1/tickets', undefined, headers),
    await scene.post('/v1/workers/claim', {}, headers),
  ];
  for (const route of ROUTES) {
    for (const jobId of [UNKNOWN, jobs['ann of acme'].parentId])
      answers.push(await ask(route, jobId, headers));
  }
  for (const answer of answers) {
    expect([answer.status, answer.problem.code]).toEqual([401, 'unauthenticated']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  }
  expect(scene.changes).toHaveLength(changes);
});

test('no route about one job was forgotten here', async () => {
  const { paths } = (await scene.get('/openapi.json')).body;
  const documented = Object.entries<object>(paths)
    .filter(([path]) => path.includes('{id}'))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
  const asked = ROUTES.map(({ method, path }) => `${method} /v1/jobs/{id}${path.split('?')[0]}`);
  expect([...new Set(asked)].sort()).toEqual(documented.sort());
});

test('health, metrics, the documents and the page’s files are open to all', async () => {
  for (const url of [
    '/health/live',
    '/health/ready',
    '/metrics',
    '/docs/',
    '/openapi.json',
    '/asyncapi.json',
  ]) {
    expect([url, (await scene.get(url)).status]).toEqual([url, 200]);
  }
});

test('while the keys cannot be had, nobody is known and all may come again', async () => {
  const away = await createManagerScene({
    env: keys.env,
    authenticator: {
      anonymous: null,
      verify: () => Promise.reject(new IdentityError('keys_unavailable', 'the host of the keys is away')),
    },
  });
  const { status, problem, headers } = await away.get('/v1/jobs', bearer('a.b.c'));
  expect([status, problem.code, headers['retry-after']]).toEqual([503, 'unavailable', '2']);
  expect(JSON.stringify(problem)).not.toContain('host of the keys');
  await away.close();
});

test('an idempotency key is the user’s: another’s does not lead to their job', async () => {
  const created = async (owner: OwnerName) => {
    const headers = { ...bearer(await keys.sign(OWNERS[owner])), 'idempotency-key': 'monday' };
    const { body, status, headers: answered } = await scene.post('/v1/jobs', custom, headers);
    return { status, jobId: body.job_id, isReplayed: answered['idempotent-replayed'] === 'true' };
  };
  const ofAnn = await created('ann of acme');
  const ofBob = await created('bob of acme');
  expect(ofBob).toMatchObject({ status: 201, isReplayed: false });
  expect(ofBob.jobId).not.toBe(ofAnn.jobId);
  expect(await created('ann of acme')).toEqual({ ...ofAnn, isReplayed: true });
});
