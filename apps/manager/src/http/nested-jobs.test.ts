import { type JobCommandEvent, LIMITS } from '@progeny/contract';
import { createTestKeys } from '@progeny/identity/testing';
import { type Answer, createManagerScene, type ManagerScene } from '../testing/manager-scene.ts';
import { bearer, OWNERS } from '../testing/people.ts';
import { until } from '../testing/until.ts';

let scene: ManagerScene;
let outerId: string;
beforeEach(async () => {
  scene = await createManagerScene();
  outerId = (await scene.createParent({ type: 'custom', children: [{ key: 'plain' }] })).job_id;
});
afterEach(() => scene.close());

const create = (more: object = {}, headers = {}) =>
  scene.post('/v1/jobs', { type: 'custom', parent_id: outerId, ...more }, headers);
const childrenOf = async (jobId: string) => (await scene.get(`/v1/jobs/${jobId}/children`)).body.children;
const progressOf = async (jobId: string) => (await scene.get(`/v1/jobs/${jobId}/progress`)).body;
const give = (jobId: string, command: string) => scene.post(`/v1/jobs/${jobId}/${command}`);
const isReplay = ({ headers }: Answer) => headers['idempotent-replayed'] === 'true';

test('a parent within another is a parent at its own address, and one child of the other', async () => {
  const { status, headers, body } = await create({ key: 'part 1', name: 'Part', children: [{ key: 'a' }] });
  expect([status, headers.location]).toEqual([201, `/v1/jobs/${body.job_id}`]);
  expect(body).toMatchObject({ parent_id: outerId, key: 'part 1', progress: { parent_id: outerId } });
  expect(body.spec).not.toHaveProperty('parent_id');
  expect((await scene.get(`/v1/jobs/${body.job_id}`)).body).toEqual(body);

  await scene.store.fold([outerId]);
  expect(await progressOf(outerId)).toMatchObject({
    parent_id: null,
    total_children: 2,
    pending_children: 2,
  });
  expect(await childrenOf(outerId)).toEqual([
    expect.objectContaining({ key: 'plain', is_parent: false }),
    expect.objectContaining({ job_id: body.job_id, key: 'part 1', is_parent: true, attempt: 0, payload: {} }),
  ]);
  const { jobs } = (await scene.get('/v1/jobs')).body;
  expect(jobs.map(({ job_id }: { job_id: string }) => job_id)).toEqual([outerId]);
});

test('without a key it has its own id; a crawl is nested like any other', async () => {
  const { body } = await create({ type: 'crawl', seeds: ['https://a.example/'] });
  expect(body).toMatchObject({ type: 'crawl', parent_id: outerId, key: body.job_id });
});

test('the same key is the same job, and so is the same Idempotency-Key', async () => {
  const named = [await create({ key: 'one' }), await create({ key: 'one', name: 'again' })];
  const keyed = [await create({}, { 'idempotency-key': 'k' }), await create({}, { 'idempotency-key': 'k' })];
  for (const [first, second] of [named, keyed]) {
    expect([first?.status, second?.status, second?.body.job_id]).toEqual([201, 201, first?.body.job_id]);
    expect([first, second].map((answer) => answer && isReplay(answer))).toEqual([false, true]);
  }
  const other = { 'idempotency-key': 'k' };
  expect((await create({ name: 'other' }, other)).problem.code).toBe('idempotency_key_reused');
  expect(await childrenOf(outerId)).toHaveLength(3);
});

test('its progress is that of a parent, and a wait for it ends with what is published of it', async () => {
  const { body } = await create({ sealed: true, children: [{ key: 'a' }] });
  const { headers } = await scene.get(`/v1/jobs/${body.job_id}/progress`);
  const known = { 'if-none-match': String(headers.etag) };
  const answered = scene.get(`/v1/jobs/${body.job_id}/progress?wait=30`, known);
  await until(() => scene.feed.waiting === 1);
  const [{ job_id: grandchildId }] = await childrenOf(body.job_id);
  await scene.post(`/v1/jobs/${grandchildId}/status`, { status: 'running', attempt: 1 });
  const [folded] = await scene.store.fold([body.job_id]);
  if (!folded) throw new Error('there was nothing to fold');
  const timestamp = new Date().toISOString();
  scene.bus.publish({
    tenantId: 'default',
    event: { type: 'parent_job_progress', payload: folded.progress, timestamp },
  });
  expect((await answered).body).toEqual(folded.progress);
  expect(folded.progress).toMatchObject({ parent_id: outerId, running_children: 1 });
});

describe('what cannot be', () => {
  const nested = async (more = {}) => (await create(more)).body.job_id as string;
  const cases: [string, () => Promise<Answer>, string][] = [
    ['in a job that there is not', () => create({ parent_id: UNKNOWN }), 'job_not_found'],
    ['in a child', async () => create({ parent_id: (await childrenOf(outerId))[0].job_id }), 'not_a_parent'],
    ['by the key of a child that is none', () => create({ key: 'plain' }), 'key_taken'],
    [
      'with a key and no parent',
      () => scene.post('/v1/jobs', { type: 'custom', key: 'k' }),
      'invalid_request',
    ],
    [
      'in a sealed one',
      async () => {
        await scene.post(`/v1/jobs/${outerId}/seal`);
        return create();
      },
      'job_sealed',
    ],
    [
      'in one that was cancelled',
      async () => {
        await give(outerId, 'cancel');
        return create();
      },
      'job_ended',
    ],
    [
      'deeper than it goes',
      async () => {
        let innermost = outerId;
        for (let depth = 2; depth <= LIMITS.nestingMax; depth += 1) {
          innermost = await nested({ parent_id: innermost });
        }
        return create({ parent_id: innermost });
      },
      'nested_too_deep',
    ],
    [
      'its end alone',
      async () => scene.ask({ method: 'DELETE', url: `/v1/jobs/${await nested()}` }),
      'nested_job',
    ],
    ['a retry as of a child', async () => give(await nested(), 'retry'), 'not_a_child'],
    [
      'a status that is reported',
      async () => scene.post(`/v1/jobs/${await nested()}/status`, { status: 'completed', attempt: 1 }),
      'not_a_child',
    ],
    [
      'progress that is reported',
      async () => scene.post(`/v1/jobs/${await nested()}/progress`, { progress: 50 }),
      'not_running',
    ],
  ];
  test.each(cases)('%s', async (_what, ask, code) => {
    expect((await ask()).problem.code).toBe(code);
  });
});

test('no worker is given it, and what it says of it is of a job that there is not', async () => {
  const { body } = await create({ children: [{ key: 'a' }] });
  const claimed = await scene.bus.request('claim', {
    worker_id: 'w',
    job_types: ['custom', 'task'],
    limit: 10,
  });
  expect(claimed.children.map(({ key }) => key).sort()).toEqual(['a', 'plain']);
  const report = { job_id: body.job_id, status: 'completed' as const, attempt: 0 };
  const { reports } = await scene.bus.request('report', { reports: [{ ...report, attempt: 1 }] });
  expect(reports).toMatchObject([{ outcome: 'unknown_job' }]);
  const { lost } = await scene.bus.request('heartbeat', { children: [{ job_id: body.job_id, attempt: 1 }] });
  expect(lost).toEqual([body.job_id]);
});

test('a pause of the outer reaches what is nested, however deep, and so does a resume', async () => {
  const inner = (await create()).body.job_id;
  const innermost = (await create({ parent_id: inner, children: [{ key: 'a' }] })).body.job_id;
  const statuses = async () => {
    await scene.store.fold([innermost]);
    await scene.store.fold([inner]);
    await scene.store.fold([outerId]);
    const all = await Promise.all([outerId, inner, innermost].map(progressOf));
    return all.map(({ status }) => status);
  };
  const asked = { worker_id: 'w', job_types: ['task'], limit: 10 };
  await scene.bus.request('command', { job_id: outerId, command: 'pause' });
  expect(await statuses()).toEqual(['paused', 'paused', 'paused']);
  expect((await scene.bus.request('claim', asked)).children).toEqual([]);
  expect((await childrenOf(outerId))[1]).toMatchObject({ status: 'running', progress_stage: 'paused' });
  await give(outerId, 'resume');
  expect((await scene.bus.request('claim', asked)).children).toHaveLength(2);
});

test('a cancel of the outer reaches the grandchildren, and whoever works on them hears it', async () => {
  const inner = (await create()).body.job_id;
  const innermost = (await create({ parent_id: inner, children: [{ key: 'a' }, { key: 'b' }] })).body.job_id;
  const [{ job_id: runs }] = await childrenOf(innermost);
  await scene.post(`/v1/jobs/${runs}/status`, { status: 'running', attempt: 1 });
  const told: JobCommandEvent['payload'][] = [];
  scene.bus.subscribe({ topic: 'job_command' }, ({ payload }) => void told.push(payload));
  await give(outerId, 'cancel');
  await scene.untilChanged('cancelled', 3);
  await until(() => told.length === 2);
  expect(told).toEqual([
    { job_id: outerId, command: 'cancel' },
    { job_id: innermost, command: 'cancel' },
  ]);
  await scene.store.fold([innermost]);
  await scene.store.fold([inner]);
  await scene.store.fold([outerId]);
  expect(await progressOf(outerId)).toMatchObject({ status: 'cancelled', cancelled_children: 2 });
});

test('a retry of the outer reaches what failed further down', async () => {
  const inner = (await create({ sealed: true, children: [{ key: 'a' }] })).body.job_id;
  const [{ job_id: failed }] = await childrenOf(inner);
  await scene.post(`/v1/jobs/${failed}/status`, { status: 'failed', attempt: 1 });
  await scene.store.fold([inner]);
  await scene.store.fold([outerId]);
  const before = scene.changes.length;
  await give(outerId, 'retry-failed');
  await until(() =>
    scene.changes.slice(before).some(({ job_id, to }) => job_id === failed && to === 'pending'),
  );
  expect((await scene.get(`/v1/jobs/${failed}`)).body).toMatchObject({ run: 2, status: 'pending' });
});

test('it belongs to whom the outer belongs, whoever made it', async () => {
  const keys = createTestKeys();
  const own = await createManagerScene({ env: keys.env });
  const ann = OWNERS['ann of acme'];
  const { body: outer } = await own.post('/v1/jobs', { type: 'custom' }, bearer(await keys.sign(ann)));
  const operator = { tenant_id: ann.tenant_id, user_id: 'olga', role: 'operator' };
  const within = { type: 'custom', parent_id: outer.job_id };
  const { status, body } = await own.post('/v1/jobs', within, bearer(await keys.sign(operator)));
  expect(status).toBe(201);
  const [owner] = (await own.store.findOwners([body.job_id])).values();
  expect(owner).toEqual({ tenantId: ann.tenant_id, userId: ann.user_id });
  await own.close();
});

const UNKNOWN = '01890000-0000-7000-8000-00000000dead';
