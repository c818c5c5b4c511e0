import { LIMITS, type ParentJobProgress, parentJobProgressSchema } from '@progeny/contract';
import { createTestKeys } from '@progeny/identity/testing';
import { createManagerScene, type ManagerScene } from '../testing/manager-scene.ts';
import { bearer, OWNERS } from '../testing/people.ts';
import { until } from '../testing/until.ts';

let scene: ManagerScene;
let parentId: string;
let childId: string;
beforeEach(async () => {
  scene = await createManagerScene();
  parentId = (await scene.createParent()).job_id;
  const { children } = (await scene.get(`/v1/jobs/${parentId}/children`)).body;
  childId = children[0].job_id;
});
afterEach(() => scene.close());

const poll = (jobId: string, { etag, wait }: { etag?: string; wait?: number | string } = {}) =>
  scene.get(`/v1/jobs/${jobId}/progress${wait === undefined ? '' : `?wait=${wait}`}`, {
    ...(etag !== undefined && { 'if-none-match': etag }),
  });
const etagOf = async (jobId: string) => String((await poll(jobId)).headers.etag);
const report = (status: string) => scene.post(`/v1/jobs/${childId}/status`, { status, attempt: 1 });

async function fold(): Promise<ParentJobProgress> {
  const [folded] = await scene.store.fold([parentId]);
  return parentJobProgressSchema.parse(folded?.progress);
}
const tell = (progress: ParentJobProgress) =>
  scene.bus.publish({
    tenantId: 'default',
    event: { type: 'parent_job_progress', payload: progress, timestamp: new Date().toISOString() },
  });
async function untilWaiting(count: number) {
  await until(() => scene.feed.waiting === count);
}

test.each([
  ['a parent', () => parentId],
  ['a child', () => childId],
])('of %s: the version is the ETag, and who has it is told no more than that', async (_, idOf) => {
  const { status, headers, body } = await poll(idOf());
  const etag = String(headers.etag);
  expect([status, etag]).toEqual([200, expect.stringMatching(/^"\d+"$/)]);
  const again = await poll(idOf(), { etag });
  expect(again).toMatchObject({ status: 304, body: '', headers: { etag } });
  await report('running');
  await fold();
  const changed = await poll(idOf(), { etag });
  expect(changed.status).toBe(200);
  expect(changed.headers.etag).not.toBe(etag);
  expect(changed.body).not.toEqual(body);
});

test('a browser may keep an answer and ask whether it holds, but not that of a wait', async () => {
  const etag = await etagOf(parentId);
  for (const [options, kept] of [
    [{}, 'private, no-cache'],
    [{ etag }, 'private, no-cache'],
    [{ wait: 1 }, 'no-store'],
    [{ etag, wait: 0.01 }, 'no-store'],
  ] as const) {
    expect((await poll(parentId, options)).headers['cache-control']).toBe(kept);
  }
});

test.each(['-1', '31', 'long'])('a wait of %s is none', async (wait) => {
  expect((await poll(parentId, { wait })).problem).toMatchObject({
    code: 'invalid_request',
    errors: [{ path: 'wait' }],
  });
});

test('a wait ends with the very object that is published, for all who wait', async () => {
  const etag = await etagOf(parentId);
  const answers = Promise.all([
    poll(parentId, { etag, wait: 30 }),
    poll(parentId, { etag: `${etag}, "999"`, wait: 30 }),
  ]);
  await untilWaiting(2);
  await report('running');
  const progress = await fold();
  tell(progress);
  for (const { status, headers, body } of await answers) {
    expect([status, headers.etag, body]).toEqual([200, `"${progress.version}"`, progress]);
  }
  expect(scene.feed.waiting).toBe(0);
});

test.each([
  ['begins', () => report('running'), { status: 'running' }],
  [
    'gets on',
    async () => {
      await scene.store.report([{ jobId: childId, status: 'running', attempt: 1 }]);
      const etag = await etagOf(childId);
      const answered = poll(childId, { etag, wait: 30 });
      await untilWaiting(2);
      await scene.post(`/v1/jobs/${childId}/progress`, { progress: 40, stage: 'parsing' });
      expect((await answered).body).toMatchObject({ progress_percentage: 40, progress_stage: 'parsing' });
    },
    { status: 'running' },
  ],
  ['ends', () => report('completed'), { status: 'completed', progress_percentage: 100 }],
])('of a child it ends when the child %s, and not when a sibling does', async (_, happen, expected) => {
  const { body } = await scene.post(`/v1/jobs/${parentId}/children`, { children: [{ key: 'b' }] });
  const etag = await etagOf(childId);
  const answered = poll(childId, { etag, wait: 30 });
  await untilWaiting(1);
  await scene.post(`/v1/jobs/${body.children[0].job_id}/status`, { status: 'completed', attempt: 1 });
  await scene.bus.flush();
  expect(scene.feed.waiting).toBe(1);
  await happen();
  expect((await answered).body).toMatchObject({ job_id: childId, ...expected });
});

test.each([
  ['its try failed', 'running', { status: 'failed', attempt: 1, retryable: true }],
  ['it is retried', 'failed', null],
] as const)('of a child it ends when the child waits again, as %s', async (_, before, failure) => {
  await report(before);
  const etag = await etagOf(childId);
  const answered = poll(childId, { etag, wait: 30 });
  await untilWaiting(1);
  if (failure) await scene.bus.request('report', { reports: [{ job_id: childId, ...failure }] });
  else await scene.post(`/v1/jobs/${parentId}/retry-failed`);
  expect((await answered).body).toMatchObject({ status: 'pending', progress_stage: 'queued' });
});

test('a change of which nobody tells is answered at the end of the wait', async () => {
  const etag = await etagOf(parentId);
  const answered = poll(parentId, { etag, wait: 0.05 });
  await untilWaiting(1);
  await report('running');
  const progress = await fold();
  expect(await answered).toMatchObject({ status: 200, body: progress });
});

test('whoever names no version, or another one, does not wait', async () => {
  expect((await poll(parentId, { wait: 30 })).status).toBe(200);
  expect((await poll(parentId, { etag: '"999"', wait: 30 })).status).toBe(200);
  expect((await poll('01890000-0000-7000-8000-00000000dead', { etag: '*', wait: 30 })).status).toBe(404);
});

test('when the manager stops, whoever waits is answered at once, and who comes then does not wait', async () => {
  const etag = await etagOf(parentId);
  const answered = poll(parentId, { etag, wait: 30 });
  await untilWaiting(1);
  scene.feed.end();
  expect((await answered).status).toBe(304);
  expect((await poll(parentId, { etag, wait: 30 })).status).toBe(304);
});

test('nobody waits longer than their token is good for', async () => {
  const own = await createManagerScene({
    env: createTestKeys().env,
    authenticator: {
      anonymous: null,
      verify: async () => ({
        identity: { tenantId: 'acme', userId: 'ann', role: 'user' },
        expiresAtMs: Date.now() + 50,
      }),
    },
  });
  const { job_id: jobId } = (await own.post('/v1/jobs', { type: 'custom' }, bearer('a.b.c'))).body;
  const headers = { ...bearer('a.b.c'), 'if-none-match': '*' };
  expect((await own.get(`/v1/jobs/${jobId}/progress?wait=30`, headers)).status).toBe(304);
  await own.close();
});

test('a user of whom enough wait is answered without waiting, and nobody else is', async () => {
  const keys = createTestKeys();
  const own = await createManagerScene({ env: keys.env });
  const { ann, bob } = {
    ann: bearer(await keys.sign(OWNERS['ann of acme'])),
    bob: bearer(await keys.sign(OWNERS['bob of acme'])),
  };
  const ask = async (headers: Record<string, string>) => {
    const { job_id: jobId } = (await own.post('/v1/jobs', { type: 'custom' }, headers)).body;
    return (wait: number) =>
      own.get(`/v1/jobs/${jobId}/progress?wait=${wait}`, { ...headers, 'if-none-match': '*' });
  };
  const [annAsks, bobAsks] = [await ask(ann), await ask(bob)];
  const waiting = Array.from({ length: LIMITS.longPollsPerUser }, () => annAsks(30));
  await until(() => own.feed.waiting === LIMITS.longPollsPerUser);
  expect((await annAsks(30)).status).toBe(304);
  waiting.push(bobAsks(30));
  await until(() => own.feed.waiting === LIMITS.longPollsPerUser + 1);
  own.feed.end();
  expect(new Set((await Promise.all(waiting)).map(({ status }) => status))).toEqual(new Set([304]));
  await own.close();
});
