import { LIMITS, type ProgenyEvent } from '@progeny/contract';
import { StoreError } from '@progeny/job-store';
import { ProgressFullError } from '../progress/progress-intake.ts';
import { createManagerScene, type ManagerScene } from '../testing/manager-scene.ts';

const UNKNOWN = '01890000-0000-7000-8000-00000000dead';

let scene: ManagerScene;
let parentId: string;
let childId: string;
let told: ProgenyEvent[];

async function begin(options: Parameters<typeof createManagerScene>[0] = {}): Promise<void> {
  scene = await createManagerScene(options);
  parentId = (await scene.createParent()).job_id;
  const { children } = await scene.store.listChildren(parentId, { limit: 1 });
  childId = children[0]?.job_id ?? '';
  await scene.post(`/v1/jobs/${childId}/status`, { status: 'running', attempt: 1 });
  await scene.bus.flush();
  told = [];
  for (const topic of ['job_lifecycle', 'pipeline_event'] as const) {
    scene.bus.subscribe({ topic }, (event) => void told.push(event));
  }
}
beforeEach(() => begin());
afterEach(() => scene.close());

const say = (body: object, jobId = childId) => scene.post(`/v1/jobs/${jobId}/progress`, body);

test('one call stores it, tells it, and whoever asks is answered the same', async () => {
  const said = await say({
    attempt: 1,
    progress: 40,
    stage: 'parsing',
    label: 'Parsing',
    events: [{ event: 'page_started', page_index: 0, detail: { url: 'https://site.example/' } }],
  });
  expect([said.status, said.body]).toEqual([200, { outcome: 'applied' }]);
  const { body, headers } = await scene.get(`/v1/jobs/${childId}/progress`);
  expect(body).toMatchObject({
    job_id: childId,
    status: 'running',
    progress_percentage: 40,
    progress_stage: 'parsing',
    progress_label: 'Parsing',
  });
  expect(headers.etag).toBe(`"${body.version}"`);
  const { events } = (await scene.get(`/v1/jobs/${childId}/events`)).body;
  expect(events).toMatchObject([
    { number: 1, step: { event: 'page_started', detail: { url: expect.any(String) } } },
  ]);
  await scene.bus.flush();
  const base = { job_id: childId, parent_id: parentId, operation_type: 'task' };
  expect(told.map(({ type, payload }) => ({ type, payload }))).toEqual([
    {
      type: 'JOB_PROGRESS',
      payload: { ...base, version: body.version, progress: 40, stage: 'parsing', label: 'Parsing' },
    },
    { type: 'pipeline_event', payload: { ...base, ...events[0] } },
  ]);
});

test('what many callers say of one child within a moment is one version', async () => {
  const before = (await scene.get(`/v1/jobs/${childId}/progress`)).body.version;
  await Promise.all([10, 20, 30, 40].map((progress) => say({ progress })));
  const { body } = await scene.get(`/v1/jobs/${childId}/progress`);
  expect(body).toMatchObject({ progress_percentage: 40, version: before + 1 });
});

test('a parent has no progress of its own to tell of, an ended child none, an old try none any more', async () => {
  expect((await say({ progress: 1 }, parentId)).problem).toMatchObject({ status: 409, code: 'not_running' });
  expect((await say({ progress: 1 }, UNKNOWN)).problem).toMatchObject({ status: 404, code: 'job_not_found' });
  await scene.post(`/v1/jobs/${childId}/status`, { status: 'running', attempt: 2 });
  expect((await say({ progress: 1, attempt: 1 })).problem).toMatchObject({
    status: 409,
    code: 'stale_attempt',
  });
  await scene.post(`/v1/jobs/${childId}/status`, { status: 'completed', attempt: 2 });
  expect((await say({ progress: 1, attempt: 2 })).problem).toMatchObject({
    status: 409,
    code: 'not_running',
  });
  expect((await scene.get(`/v1/jobs/${childId}/progress`)).body).toMatchObject({
    progress_percentage: 100,
    progress_stage: 'complete',
  });
});

test('what happened is taken of a parent, too, and of a child that has ended', async () => {
  await scene.post(`/v1/jobs/${childId}/status`, { status: 'completed', attempt: 1 });
  for (const jobId of [parentId, childId]) {
    expect((await say({ events: [{ event: 'assembly_done' }] }, jobId)).body).toEqual({ outcome: 'applied' });
    const { events } = (await scene.get(`/v1/jobs/${jobId}/events`)).body;
    expect(events).toMatchObject([{ number: 1, step: { event: 'assembly_done' } }]);
  }
});

test('in a bulk each is answered for itself, in order', async () => {
  const { body, status } = await scene.post('/v1/jobs/progress', {
    reports: [
      { job_id: UNKNOWN, progress: 1 },
      { job_id: childId, progress: 10, attempt: 1 },
      { job_id: childId, progress: 20, attempt: 0 },
      { job_id: parentId, progress: 1 },
    ],
  });
  expect([status, body]).toEqual([
    200,
    { outcomes: ['unknown_job', 'applied', 'stale_attempt', 'not_running'] },
  ]);
});

test('a worker says the same over the bus, and over HTTP while that is away', async () => {
  const reports = [{ job_id: childId, attempt: 1, progress: 10, stage: 'fetching' }];
  expect(await scene.bus.request('progress', { reports })).toEqual({ outcomes: ['applied'] });
  expect((await scene.post('/v1/workers/progress', { reports })).body).toEqual({ outcomes: ['applied'] });
});

const step = { event: 'page_done', page_index: 0, duration_ms: 5, success: true };
test.each<[string, unknown, string]>([
  ['nothing in it', {}, ''],
  ['a label alone', { label: 'x' }, ''],
  ['more than all', { progress: 101 }, 'progress'],
  ['less than nothing', { progress: -1 }, 'progress'],
  ['half a percent', { progress: 0.5 }, 'progress'],
  ['an empty stage', { stage: '' }, 'stage'],
  ['a stage that is too long', { stage: 'x'.repeat(65) }, 'stage'],
  ['a label that is too long', { progress: 1, label: 'x'.repeat(201) }, 'label'],
  ['an attempt below 0', { progress: 1, attempt: -1 }, 'attempt'],
  ['an event that there is not', { events: [{ event: 'party' }] }, 'events.0.event'],
  ['an event without its page', { events: [{ ...step, page_index: undefined }] }, 'events.0.page_index'],
  ['a duration below 0', { events: [{ ...step, duration_ms: -1 }] }, 'events.0.duration_ms'],
  [
    'a detail that is too large',
    { events: [{ ...step, detail: { x: 'x'.repeat(4_096) } }] },
    'events.0.detail',
  ],
  [
    'more events than are kept',
    { events: Array.from({ length: LIMITS.pipelineEventsKept + 1 }, () => step) },
    'events',
  ],
])('a report with %s is refused, alone and in a bulk', async (_, body, path) => {
  const alone = await say(body as object);
  expect(alone.problem).toMatchObject({ status: 400, code: 'invalid_request' });
  expect(alone.problem.errors?.map((error) => error.path)).toContain(path);
  for (const url of ['/v1/jobs/progress', '/v1/workers/progress']) {
    const many = await scene.post(url, { reports: [{ ...(body as object), job_id: childId }] });
    const inBulk = path === '' ? 'reports.0' : `reports.0.${path}`;
    expect(many.problem).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(many.problem.errors?.map((error) => error.path)).toContain(inBulk);
  }
  const { body: shown } = await scene.get(`/v1/jobs/${childId}/progress`);
  expect(shown).toMatchObject({ progress_percentage: 0, progress_stage: 'queued' });
});

test.each([
  ['no report', []],
  ['too many', Array.from({ length: LIMITS.workerBatch + 1 }, () => ({ job_id: UNKNOWN, progress: 1 }))],
  ['an id that is none', [{ job_id: 'seven', progress: 1 }]],
])('a bulk of %s is refused', async (_, reports) => {
  expect((await scene.post('/v1/jobs/progress', { reports })).problem.code).toBe('invalid_request');
});

test.each([
  ['the ledger is away', new StoreError('unavailable', 'the database cannot be reached')],
  ['too much waits', new ProgressFullError()],
])('while %s whoever reports is told to come again, and their work is not disturbed', async (_, fault) => {
  await scene.close();
  let isAway = true;
  await begin({
    breakStore: (store) => ({
      ...store,
      saveProgress: (reports) => (isAway ? Promise.reject(fault) : store.saveProgress(reports)),
    }),
  });
  const reports = [{ job_id: childId, attempt: 1, progress: 10 }];
  const answers = [
    await say({ progress: 10 }),
    await scene.post('/v1/jobs/progress', { reports }),
    await scene.post('/v1/workers/progress', { reports }),
  ];
  for (const { problem, headers } of answers) {
    expect([problem.status, problem.code, headers['retry-after']]).toEqual([503, 'unavailable', '2']);
  }
  await expect(scene.bus.request('progress', { reports })).rejects.toMatchObject({ code: 'unavailable' });
  expect(scene.ownBus.counters.handlerErrors).toBe(0);

  void say({ progress: 20 });
  const ended = await scene.bus.request('report', {
    reports: [{ job_id: childId, status: 'failed', attempt: 1, retryable: true }],
  });
  expect(ended.reports).toMatchObject([{ outcome: 'retrying' }]);
  isAway = false;
  await scene.post(`/v1/jobs/${childId}/status`, { status: 'running', attempt: 2 });
  expect((await say({ progress: 30, attempt: 2 })).status).toBe(200);
});
