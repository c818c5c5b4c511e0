import type { Command } from '@progeny/contract';
import { createJournaledJobs, type JournaledJobs, OWNER } from './testing/journaled-jobs.ts';
import { until } from './testing/until.ts';

let scene: JournaledJobs;
beforeEach(async () => {
  scene = await createJournaledJobs();
});
afterEach(() => scene.drain());

const give = (jobId: string, command: Command) => scene.jobs.command({ owner: OWNER, jobId, command });
const end = async (parentId: string, childIds: readonly string[], status: 'completed' | 'failed') => {
  await scene.jobs.report(childIds.map((jobId) => ({ jobId, status, attempt: 1 })));
  await scene.store.fold([parentId]);
};
/** The journal up to what was told at once. */
const first = () => scene.since().slice(0, 2);
const orders = () =>
  scene.told.flatMap(({ event }) => (event.type === 'job_command' ? [event.payload.command] : []));

describe.each<[Command, string, (parentId: string, childIds: readonly string[]) => Promise<string>]>([
  ['cancel', 'requestCancel', async (parentId) => parentId],
  ['pause', 'pause', async (parentId) => parentId],
  [
    'resume',
    'resume',
    async (parentId) => {
      await give(parentId, 'pause');
      return parentId;
    },
  ],
  [
    'retry_failed',
    'requestRetryFailed',
    async (parentId, childIds) => {
      await end(parentId, childIds, 'failed');
      return parentId;
    },
  ],
  [
    'retry',
    'retryChild',
    async (parentId, childIds) => {
      await end(parentId, childIds, 'failed');
      return childIds[0] ?? '';
    },
  ],
  [
    'delete',
    'deleteParent',
    async (parentId, childIds) => {
      await end(parentId, childIds, 'completed');
      return parentId;
    },
  ],
])('%s', (command, method, prepare) => {
  test('stands in the ledger before it is told, in so many words and as a change', async () => {
    const { parentId, childIds } = await scene.parentOf(2);
    const jobId = await prepare(parentId, childIds);
    scene.since();
    scene.told.length = 0;
    await give(jobId, command);
    expect(first()).toEqual([method, 'told']);
    expect(scene.told[0]).toMatchObject({
      tenantId: OWNER.tenantId,
      event: { type: 'job_command', payload: { job_id: jobId, command } },
    });
    expect(scene.told[1]).toMatchObject({ event: { type: 'job_status_change', payload: { job_id: jobId } } });
  });

  test('of a job that is not there is refused, and nothing is told', async () => {
    await expect(give('01890000-0000-7000-8000-00000000dead', command)).rejects.toMatchObject({
      code: 'job_not_found',
    });
    expect([scene.told, scene.since()]).toEqual([[], []]);
  });
});

test('what stands already changes nothing, and is told to those whom the first did not reach', async () => {
  const { parentId } = await scene.parentOf(1);
  await give(parentId, 'pause');
  const changes = scene.counted.length;
  await give(parentId, 'pause');
  expect(scene.counted).toHaveLength(changes);
  expect(orders()).toEqual(['pause', 'pause']);
});

test('a cancel is carried out in batches, to the last child, and each is told with its end', async () => {
  const { parentId } = await scene.parentOf(1_200);
  await give(parentId, 'cancel');
  await until(() => scene.journal.filter((entry) => entry === 'sweep').length >= 3);
  expect(await scene.truth(parentId)).toMatchObject({ pending: 0, cancelled: 1_200 });
  expect(scene.told.filter(({ event }) => event.type === 'JOB_CANCELLED')).toHaveLength(1_200);
  await scene.drain();
  expect(scene.journal.filter((entry) => entry === 'sweep')).toHaveLength(3);
});

test('a sweep that a stop overtakes ends after its batch; the rest is whoever folds the parent', async () => {
  const { parentId } = await scene.parentOf(1_200);
  await give(parentId, 'cancel');
  await scene.drain();
  expect(scene.journal.filter((entry) => entry === 'sweep')).toHaveLength(1);
  expect(await scene.truth(parentId)).toMatchObject({ cancelled: 500 });
  expect((await scene.store.fold([parentId]))[0]).toMatchObject({ needsSweep: true });
});

test('a retry of the failed makes exactly those pending, and the parent runs again', async () => {
  const { parentId, childIds } = await scene.parentOf(3);
  await scene.jobs.report([{ jobId: childIds[2] ?? '', status: 'completed', attempt: 1 }]);
  await end(parentId, childIds.slice(0, 2), 'failed');
  await give(parentId, 'retry_failed');
  await until(() => scene.journal.includes('sweep'));
  expect(await scene.truth(parentId)).toMatchObject({ pending: 2, completed: 1, failed: 0 });
  const [folded] = await scene.store.fold([parentId]);
  expect(folded?.progress).toMatchObject({ status: 'running', pending_children: 2 });
});
