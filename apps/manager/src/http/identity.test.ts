import { hashTicket, IdentityError } from '@progeny/identity';
import { createTestKeys } from '@progeny/identity/testing';
import { type Answer, createManagerScene, type ManagerScene } from '../testing/manager-scene.ts';
import { bearer, NOBODIES, OWNERS, type OwnerName, PEOPLE } from '../testing/people.ts';
import { ROUTES, type Route } from '../testing/route-table.ts';

const UNKNOWN = '01890000-0000-7000-8000-00000000dead';
const keys = createTestKeys();
const custom = { type: 'custom', children: [{ key: 'a' }] };

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
  { method, path, query = '', body, bodyOf }: Route,
  jobId: string,
  headers: Record<string, string>,
): Promise<Answer> => {
  const url = path.replace(':id', jobId) + query;
  return method === 'POST'
    ? scene.post(url, bodyOf?.([jobId]) ?? body, headers)
    : scene.ask({ method, url, headers });
};

describe.each(Object.entries(PEOPLE))('%s', (_who, { claims, sees }) => {
  let headers: Record<string, string>;
  beforeEach(async () => {
    headers = bearer(await keys.sign(claims));
  });

  test('gets of each job of theirs what there is', async () => {
    for (const { parentId, childId } of sees.map((owner) => jobs[owner])) {
      for (const route of ROUTES.filter(({ reach }) => reach === 'job')) {
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

  test('creates jobs of their own', async () => {
    const { body, status } = await scene.post('/v1/jobs', custom, headers);
    expect(status).toBe(201);
    const { tenant_id: tenantId, user_id: userId } = claims;
    expect(await scene.store.findOwners([body.job_id])).toEqual(
      new Map([[body.job_id, { tenantId, userId }]]),
    );
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
  const answers: Answer[] = [];
  for (const route of ROUTES.filter(({ reach }) => reach !== 'open')) {
    for (const jobId of [UNKNOWN, jobs['ann of acme'].parentId])
      answers.push(await ask(route, jobId, headers));
  }
  for (const answer of answers) {
    expect([answer.status, answer.problem.code]).toEqual([401, 'unauthenticated']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  }
  expect(scene.changes).toHaveLength(changes);
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
