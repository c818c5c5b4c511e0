import type { ClaimedChild } from '@progeny/contract';
import { StoreError } from '@progeny/job-store';
import { createManagerScene, type ManagerScene } from '../testing/manager-scene.ts';

let scene: ManagerScene;
beforeEach(async () => {
  scene = await createManagerScene();
});
afterEach(() => scene.close());

const claim = { worker_id: 'w1', job_types: ['task'], limit: 10 };

test('a worker without a bus claims, keeps and reports over HTTP, and everybody hears of the changes', async () => {
  const parent = await scene.createParent({ type: 'custom', children: [{ key: 'a' }, { key: 'b' }] });
  const claimed = await scene.post('/v1/workers/claim', claim);
  expect(claimed.status).toBe(200);
  const children: ClaimedChild[] = claimed.body.children;
  expect(children.map(({ key, attempt, parent_id }) => [key, attempt, parent_id])).toEqual([
    ['a', 1, parent.job_id],
    ['b', 1, parent.job_id],
  ]);
  expect(Object.keys(claimed.body.parents)).toEqual([parent.job_id]);

  const stranger = '01890000-0000-7000-8000-00000000dead';
  const held = children.map(({ job_id }) => ({ job_id, attempt: 1 }));
  const kept = await scene.post('/v1/workers/heartbeat', {
    children: [...held, { job_id: stranger, attempt: 1 }],
  });
  expect([kept.status, kept.body]).toEqual([200, { lost: [stranger] }]);

  const reported = await scene.post('/v1/workers/report', {
    reports: held.map((child) => ({ ...child, status: 'completed', text: 'a page' })),
  });
  expect(reported.status).toBe(200);
  expect(reported.body.reports.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
    'applied',
    'applied',
  ]);
  await scene.untilChanged('running', 2);
  await scene.untilChanged('completed', 2);
});

test('a request that the bus would refuse is refused', async () => {
  const answer = await scene.post('/v1/workers/claim', { ...claim, limit: 0 });
  expect([answer.status, answer.problem.code]).toEqual([400, 'invalid_request']);
  expect(answer.problem.errors?.map(({ path }) => path)).toEqual(['limit']);
});

test('a worker is told to come again while the ledger is away', async () => {
  await scene.close();
  scene = await createManagerScene({
    breakStore: (store) => ({
      ...store,
      claim: () => Promise.reject(new StoreError('unavailable', 'the database cannot be reached')),
    }),
  });
  const answer = await scene.post('/v1/workers/claim', claim);
  expect([answer.status, answer.problem.code, answer.headers['retry-after']]).toEqual([
    503,
    'unavailable',
    '2',
  ]);
});

test('the documentation lists them apart', async () => {
  const { body } = await scene.get('/openapi.json');
  const tagged = Object.entries<{ post?: { tags: string[] } }>(body.paths)
    .filter(([, path]) => path.post?.tags.includes('workers'))
    .map(([path]) => path);
  expect(tagged).toEqual([
    '/v1/workers/claim',
    '/v1/workers/report',
    '/v1/workers/heartbeat',
    '/v1/workers/progress',
  ]);
});
