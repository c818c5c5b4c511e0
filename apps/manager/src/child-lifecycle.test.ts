import type { ProgenyEvent } from '@progeny/contract';
import { createJournaledJobs, type JournaledJobs, OWNER } from './testing/journaled-jobs.ts';
import { until } from './testing/until.ts';

const claim = { workerId: 'w', jobTypes: ['task'], limit: 10, leaseMs: 1_000 };

let scene: JournaledJobs;
let parentId: string;
let childId: string;
beforeEach(async () => {
  scene = await createJournaledJobs();
  ({
    parentId,
    childIds: [childId = ''],
  } = await scene.parentOf(1));
  scene.told.length = 0;
});

/** What was told since the last call. */
const toldOf = (): ProgenyEvent[] => scene.told.splice(0).map(({ event }) => event);
const types = () => toldOf().map(({ type }) => type);
const report = (status: 'completed' | 'failed' | 'skipped' | 'running', attempt = 1, more = {}) =>
  scene.jobs.report([{ jobId: childId, status, attempt, ...more }]);

test('that it begins is told before the claim is answered, its end with the result that it came with', async () => {
  const { children } = await scene.jobs.claim(claim);
  expect(children).toHaveLength(1);
  expect(toldOf()).toMatchObject([
    { type: 'job_status_change', payload: { from: 'pending', to: 'running', starts_run: true } },
    {
      type: 'JOB_STARTED',
      payload: { job_id: childId, parent_id: parentId, operation_type: 'task', seq: 1 },
    },
  ]);
  await report('completed', 1, { result: { words: 7 } });
  expect(toldOf()).toMatchObject([
    { type: 'job_status_change', payload: { from: 'running', to: 'completed' } },
    { type: 'JOB_COMPLETED', payload: { job_id: childId, seq: 2, result: { words: 7 } } },
  ]);
});

test('one whose end alone is reported has begun, too', async () => {
  await report('failed', 1, {
    error: { error_code: 'broken', user_message: 'It broke.', technical_detail: 'x' },
  });
  expect(toldOf()).toMatchObject([
    { type: 'job_status_change' },
    { type: 'JOB_STARTED', payload: { seq: 1 } },
    { type: 'JOB_FAILED', payload: { seq: 2, error: { error_code: 'broken', technical_detail: 'x' } } },
  ]);
});

test('a try that follows another begins and ends nothing; a retry of what had ended begins anew', async () => {
  await scene.jobs.claim(claim);
  toldOf();
  await report('failed', 1, { retryable: true });
  expect(types()).toEqual(['job_status_change', 'JOB_PROGRESS']);
  await report('running', 2);
  expect(types()).toEqual(['job_status_change']);
  await report('failed', 2);
  expect(types()).toEqual(['job_status_change', 'JOB_FAILED']);
  await scene.store.fold([parentId]);
  await scene.jobs.command({
    owner: { tenantId: 'default', userId: 'local' },
    jobId: childId,
    command: 'retry',
  });
  expect(toldOf()).toMatchObject([
    { type: 'job_command', payload: { job_id: childId, command: 'retry' } },
    { type: 'job_status_change', payload: { to: 'pending', run: 2 } },
    { type: 'JOB_PROGRESS', payload: { stage: 'queued' } },
  ]);
  await scene.jobs.claim(claim);
  expect(toldOf()).toMatchObject([{}, { type: 'JOB_STARTED', payload: { seq: 3 } }]);
});

test('of two reports of one batch the one that counted brings the result', async () => {
  await scene.jobs.report([
    { jobId: childId, status: 'running', attempt: 1, result: { from: 'another' } },
    { jobId: childId, status: 'completed', attempt: 1, result: { from: 'the first end' } },
    { jobId: childId, status: 'completed', attempt: 1, result: { from: 'the second' } },
  ]);
  const end = toldOf().find(({ type }) => type === 'JOB_COMPLETED');
  expect(end?.payload).toMatchObject({ result: { from: 'the first end' } });
});

test('of a child that is a parent itself its changes alone are told: its life is that of a parent', async () => {
  const outer = await scene.parentOf(1, { sealed: false });
  const nested = await scene.parentOf(2, { parent_id: outer.parentId, key: 'nested' });
  await scene.jobs.command({ owner: OWNER, jobId: outer.parentId, command: 'cancel' });
  await scene.drain();
  const ofNested = toldOf().filter(({ payload }) => payload.job_id === nested.parentId);
  expect(ofNested).toMatchObject([
    { type: 'job_status_change', payload: { from: null, is_parent: true, parent_id: outer.parentId } },
    { type: 'job_status_change', payload: { from: 'pending', to: 'pending' } },
  ]);
});

test('what was said of it before its end is stored and told before its end', async () => {
  await scene.jobs.claim(claim);
  toldOf();
  const step = { event: 'pipeline_done' as const, success: true };
  const said = scene.jobs.progress([{ jobId: childId, attempt: 1, progress: 80, steps: [step] }]);
  await report('completed');
  expect(types()).toEqual(['JOB_PROGRESS', 'pipeline_event', 'job_status_change', 'JOB_COMPLETED']);
  expect(await said).toEqual(['applied']);
});

test('what is being stored as the child is cancelled is told before it, or not at all', async () => {
  await scene.jobs.claim(claim);
  const { saveProgress } = scene.store;
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let isSaved = () => {};
  const saved = new Promise<void>((resolve) => {
    isSaved = resolve;
  });
  scene.store.saveProgress = async (reports) => {
    const result = await saveProgress(reports);
    isSaved();
    await held;
    return result;
  };
  toldOf();
  const said = scene.jobs.progress([{ jobId: childId, attempt: 1, progress: 80, steps: [] }]);
  await saved;
  await scene.jobs.command({
    owner: { tenantId: 'default', userId: 'local' },
    jobId: parentId,
    command: 'cancel',
  });
  await until(() => scene.journal.includes('sweep'));
  letGo();
  await said;
  await scene.drain();
  expect(types().filter((type) => type.startsWith('JOB_'))).toEqual(['JOB_PROGRESS', 'JOB_CANCELLED']);
  expect(await scene.jobs.progress([{ jobId: childId, attempt: 1, progress: 90, steps: [] }])).toEqual([
    'not_running',
  ]);
  expect(toldOf()).toEqual([]);
});
