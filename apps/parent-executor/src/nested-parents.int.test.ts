import type { ProgenyEvent } from '@progeny/contract';
import type { NewParent } from '@progeny/job-store';
import { newParent } from '@progeny/job-store/contract-suite';
import { createExecutorScene, type ExecutorScene } from './testing/executor-scene.ts';

let scene: ExecutorScene;
let outerId: string;

beforeEach(async () => {
  scene = await createExecutorScene();
  await scene.startExecutor();
  outerId = await create(['plain'], { sealed: false });
});
afterEach(() => scene.close());

async function create(keys: readonly string[], more: Partial<NewParent> = {}): Promise<string> {
  const { job, changes } = await scene.store.createParent(
    newParent(keys, { sealed: true, childType: 'task', ...more }),
  );
  scene.tell(changes);
  return job.job_id;
}
const nest = (keys: readonly string[], parentId = outerId) => create(keys, { within: { parentId } });

async function claim() {
  const { children, changes } = await scene.store.claim({
    ...{ workerId: 'w', jobTypes: ['task'], limit: 100, leaseMs: 60_000 },
  });
  scene.tell(changes);
  return children;
}

async function report(
  children: Awaited<ReturnType<typeof claim>>,
  status: 'completed' | 'failed',
): Promise<void> {
  const error = { error_code: 'gone', user_message: 'Gone.', technical_detail: '410' };
  const { changes } = await scene.store.report(
    children.map(({ job_id, attempt }) => ({
      ...{ jobId: job_id, attempt, status },
      ...(status === 'failed' && { error }),
    })),
  );
  scene.tell(changes);
}

const tell = async (changes: ReturnType<ExecutorScene['store']['seal']>) => scene.tell(await changes);

const shows = (jobId: string, text: string) => (events: readonly ProgenyEvent[]) =>
  events
    .filter(({ type, payload }) => type === 'parent_job_progress' && payload.job_id === jobId)
    .some(({ payload }) => 'progress_text' in payload && payload.progress_text === text);
const told = (type: ProgenyEvent['type'], jobId: string) => (events: readonly ProgenyEvent[]) =>
  events.some((event) => event.type === type && event.payload.job_id === jobId);

const lifecycleOf = (jobId: string) =>
  scene.events
    .filter(({ type, payload }) => type.startsWith('JOB_') && payload.job_id === jobId)
    .map(({ type }) => type);

test('a nested parent is told at once, and counts in the one around it as it goes', async () => {
  const innerId = await nest(['a', 'b']);
  await scene.until(shows(innerId, '2 pending, 0 running, 0 completed, 0 failed'));
  await scene.until(shows(outerId, '2 pending, 0 running, 0 completed, 0 failed'));
  const claimed = await claim();
  await scene.until(shows(outerId, '0 pending, 2 running, 0 completed, 0 failed'));
  await report(claimed, 'completed');
  await scene.until(shows(outerId, '0 pending, 0 running, 2 completed, 0 failed'));
  expect(lifecycleOf(outerId)).toEqual(['JOB_STARTED']);
  await tell(scene.store.seal(outerId));
  await scene.until(told('JOB_COMPLETED', outerId));
  expect(lifecycleOf(innerId)).toEqual(['JOB_STARTED', 'JOB_COMPLETED']);
  const order = scene.events
    .filter(({ type }) => type === 'JOB_COMPLETED')
    .map((event) => event.payload.job_id);
  expect(order.indexOf(innerId)).toBeLessThan(order.indexOf(outerId));
});

test('a stop goes down through every level, and the ends come up', async () => {
  const innerId = await nest(['a']);
  const innermostId = await nest(
    ['x', 'y'],
    await create([], { sealed: false, within: { parentId: outerId } }),
  );
  await claim();
  await tell(scene.store.requestCancel(outerId));
  await scene.until(told('JOB_CANCELLED', outerId));
  for (const jobId of [innerId, innermostId])
    expect(lifecycleOf(jobId)).toEqual(['JOB_STARTED', 'JOB_CANCELLED']);
  expect(
    scene.events.filter(({ type }) => type === 'job_command').map(({ payload }) => payload.job_id),
  ).toEqual(expect.arrayContaining([outerId, innerId, innermostId]));
  expect((await scene.store.getProgress([outerId]))[0]?.progress).toMatchObject({
    ...{ status: 'cancelled', cancelled_children: 3, total_children: 3 },
  });
});

test('a retry of what failed goes down, and the parent around it ends once more, and not before', async () => {
  const innerId = await nest(['a', 'b']);
  await tell(scene.store.seal(outerId));
  await report(await claim(), 'failed');
  await scene.until(told('JOB_FAILED', outerId));
  await tell(scene.store.requestRetryFailed(outerId));
  await scene.until(shows(innerId, '2 pending, 0 running, 0 completed, 0 failed'));
  await scene.until(shows(outerId, '1 pending, 1 running, 0 completed, 0 failed'));
  await report(await claim(), 'completed');
  await scene.until(told('JOB_COMPLETED', outerId));
  for (const jobId of [outerId, innerId]) {
    expect(lifecycleOf(jobId)).toEqual(['JOB_STARTED', 'JOB_FAILED', 'JOB_STARTED', 'JOB_COMPLETED']);
  }
});
