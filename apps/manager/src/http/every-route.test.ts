import { ROLES, TOPICS } from '@progeny/contract';
import { createTestKeys } from '@progeny/identity/testing';
import {
  type Answer,
  createManagerScene,
  createWebDist,
  type ManagerScene,
} from '../testing/manager-scene.ts';
import { bearer, OWNERS, type OwnerName, PEOPLE } from '../testing/people.ts';
import { ROUTES, type Route, registeredRoutes } from '../testing/route-table.ts';

const UNKNOWN = '01890000-0000-7000-8000-00000000dead';
const keys = createTestKeys();
// Some hundred requests in a test.
jest.setTimeout(60_000);

let scene: ManagerScene;
/** By owner: a parent of theirs, a child that runs, one that failed, and one that is a parent itself. */
let jobs: Record<OwnerName, string[]>;
/** Everything that is told on the bus. */
let told: unknown[];
beforeEach(async () => {
  scene = await createManagerScene({ env: keys.env });
  jobs = {} as typeof jobs;
  for (const [name, claims] of Object.entries(OWNERS) as [OwnerName, object][]) {
    const headers = bearer(await keys.sign({ ...claims }));
    const body = { type: 'custom', children: [{ key: 'runs' }, { key: 'failed' }] };
    const { job_id: parentId } = (await scene.post('/v1/jobs', body, headers)).body;
    const { children } = (await scene.get(`/v1/jobs/${parentId}/children`, headers)).body;
    const within = { type: 'custom', parent_id: parentId, children: [{ key: 'inner' }] };
    const { job_id: nested } = (await scene.post('/v1/jobs', within, headers)).body;
    const [runs, failed] = children.map(({ job_id }: { job_id: string }) => job_id);
    const reports = [
      { job_id: runs, status: 'running', attempt: 1 },
      { job_id: failed, status: 'failed', attempt: 1 },
    ];
    await scene.post('/v1/jobs/status', { reports }, headers);
    await scene.post(`/v1/jobs/${runs}/progress`, { events: [{ event: 'pipeline_started' }] }, headers);
    await scene.store.fold([nested, parentId]);
    jobs[name] = [parentId, runs, failed, nested];
  }
  told = [];
  for (const topic of TOPICS) scene.bus.subscribe({ topic }, (event) => void told.push(event));
});
afterEach(() => scene.close());

const ask = (
  { method, path, query = '', body, bodyOf }: Route,
  { jobId = '', payload, headers }: { jobId?: string; payload?: object; headers: Record<string, string> },
): Promise<Answer> => {
  const url = path.replace(':id', jobId) + query;
  return method === 'POST'
    ? scene.post(url, payload ?? bodyOf?.([jobId]) ?? body, headers)
    : scene.ask({ method, url, headers });
};
/** An answer to the letter, but for the time and the id that was asked for. */
const wordsOf = ({ status, headers: { date: _, ...headers }, body }: Answer, jobId: string) =>
  JSON.stringify({ status, headers, body }).replaceAll(jobId, '<id>');

const of = (...reaches: Route['reach'][]) => ROUTES.filter(({ reach }) => reaches.includes(reach));

/** All that the ledger says of all jobs. */
async function ledger(): Promise<unknown[]> {
  const ids = Object.values(jobs).flat();
  return Promise.all([
    scene.store.listParents({ limit: 200 }),
    ...ids.map((jobId) => scene.store.getJob(jobId)),
    ...ids.map((jobId) => scene.store.listSteps(jobId)),
    ...Object.values(jobs).map(([parentId]) => scene.store.listLog(parentId ?? '')),
    ...Object.values(jobs).map(([parentId]) => scene.store.explain(parentId ?? '')),
  ]);
}

const dist = createWebDist();
afterAll(() => dist.remove());

test('every route that the manager has is in the table', async () => {
  const withPage = await createManagerScene({ env: { WEB_DIST: dist.folder } });
  const inTable = new Set(ROUTES.map(({ method, path }) => `${method} ${path}`));
  expect(registeredRoutes(withPage.app).sort()).toEqual([...inTable].sort());
  await withPage.close();
});

describe.each(Object.entries(PEOPLE))('%s', (_who, { claims, sees }) => {
  let headers: Record<string, string>;
  let hidden: string[];
  beforeEach(async () => {
    headers = bearer(await keys.sign(claims));
    hidden = (Object.keys(jobs) as OwnerName[])
      .filter((owner) => !sees.includes(owner))
      .flatMap((owner) => jobs[owner]);
  });

  test('gets of jobs that are not theirs, on every route, what one gets of none, and changes nothing', async () => {
    const before = await ledger();
    expect(JSON.stringify(before)).toContain(hidden[0]);

    for (const route of of('job')) {
      const ofNone = await ask(route, { jobId: UNKNOWN, headers });
      expect([route.path, ofNone.problem.code]).toEqual([route.path, 'job_not_found']);
      for (const jobId of hidden) {
        const answer = await ask(route, { jobId, headers });
        expect([route, wordsOf(answer, jobId)]).toEqual([route, wordsOf(ofNone, UNKNOWN)]);
      }
    }
    for (const route of of('jobs')) {
      for (const jobId of hidden) {
        const ofNone = await ask(route, { payload: route.bodyOf?.([UNKNOWN]) ?? {}, headers });
        expect([ofNone.status, JSON.stringify(ofNone.body)]).toEqual([
          200,
          expect.stringContaining('unknown_job'),
        ]);
        const answer = await ask(route, { payload: route.bodyOf?.([jobId]) ?? {}, headers });
        expect(wordsOf(answer, jobId)).toBe(wordsOf(ofNone, UNKNOWN));
      }
    }
    for (const route of of('list')) {
      const answer = await ask(route, { headers });
      expect(hidden.filter((jobId) => JSON.stringify(answer.body).includes(jobId))).toEqual([]);
    }
    if (claims.role !== 'worker') {
      for (const route of of('worker')) {
        const answer = await ask(route, { ...(route.bodyOf && { payload: route.bodyOf(hidden) }), headers });
        expect([route.path, answer.problem.code]).toEqual([route.path, 'forbidden']);
      }
    }

    expect(await ledger()).toEqual(before);
    await scene.bus.flush();
    expect(told).toEqual([]);
    for (const route of of('known')) {
      const answer = await ask(route, { headers });
      expect(answer.status).toBeLessThan(300);
      expect(hidden.filter((jobId) => JSON.stringify(answer.body).includes(jobId))).toEqual([]);
    }
  });

  test('is answered for their own in a list of jobs of all, and the others are as one that is not there', async () => {
    const all = [...Object.values(jobs).map(([, runs = '']) => runs), UNKNOWN];
    for (const [path, answersOf] of [
      ['/v1/jobs/progress', ({ body }: Answer) => body.outcomes],
      [
        '/v1/jobs/status',
        ({ body }: Answer) => body.reports.map(({ outcome }: { outcome: string }) => outcome),
      ],
    ] as const) {
      const [route] = of('jobs').filter((each) => each.path === path);
      if (!route) throw new Error(`there is no ${path}`);
      const answer = await ask(route, { payload: route.bodyOf?.(all) ?? {}, headers });
      expect(answersOf(answer)).toEqual(
        all.map((jobId) => (jobId === UNKNOWN || hidden.includes(jobId) ? 'unknown_job' : 'applied')),
      );
    }
  });
});

test('what is open to everybody tells of no job', async () => {
  for (const route of of('open')) {
    const answer = await ask(route, { headers: {} });
    for (const jobId of Object.values(jobs).flat()) {
      expect(JSON.stringify([answer.headers, answer.body])).not.toContain(jobId);
    }
  }
});

test('a worker is trusted with children of everybody in the tenant, and with nothing else of anybody', async () => {
  expect(ROLES).toEqual(['user', 'operator', 'worker']);
  const headers = bearer(await keys.sign({ tenant_id: 'acme', user_id: 'bot', role: 'worker' }));
  const running = Object.values(jobs).map(([, runs = '']) => runs);
  const answers = [];
  for (const route of of('worker')) {
    const payload = route.bodyOf?.(running);
    const { status, body } = await ask(route, { ...(payload && { payload }), headers });
    expect(status).toBe(200);
    answers.push(body);
  }
  const [first, second, stranger = ''] = running;
  const [claimed, reported, beaten, progressed] = answers;
  const nested = (['ann of acme', 'bob of acme'] as const).map((owner) => jobs[owner][3]);
  expect(claimed.children.map(({ parent_id }: { parent_id: string }) => parent_id)).toEqual(nested);
  expect(reported.reports.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
    'applied',
    'applied',
    'unknown_job',
  ]);
  expect(beaten.lost).toEqual(running);
  expect(progressed.outcomes).toEqual(['not_running', 'not_running', 'unknown_job']);
  for (const jobId of [first, second]) {
    expect(await scene.store.getJob(jobId ?? '')).toMatchObject({ status: 'completed' });
    expect((await scene.get(`/v1/jobs/${jobId}`, headers)).status).toBe(404);
  }
  expect(await scene.store.getJob(stranger)).toMatchObject({ status: 'running' });
});
