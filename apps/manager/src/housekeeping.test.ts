import { createJournaledJobs, custom, OWNER } from './testing/journaled-jobs.ts';
import { until } from './testing/until.ts';

const claim = { workerId: 'w', jobTypes: ['task'], limit: 700, leaseMs: 1_000 };

test('claims that have run out are taken back, however many', async () => {
  const { jobs, housekeeping, expireLeases, truth, counted } = await createJournaledJobs();
  const { job } = await jobs.create(OWNER, custom(700));
  await jobs.claim(claim);
  await expireLeases();
  counted.length = 0;
  await housekeeping.reap();
  expect(await truth(job.job_id)).toMatchObject({ pending: 700, running: 0 });
  expect(counted).toHaveLength(700);
});

test('a parent that nobody seals is given up, and told', async () => {
  const { jobs, housekeeping, since, told, expireSealTimeouts } = await createJournaledJobs();
  const { job } = await jobs.create(OWNER, custom(0, { sealed: false }));
  await expireSealTimeouts();
  told.length = 0;
  since();
  await housekeeping.reap();
  expect(since()).toEqual(expect.arrayContaining(['expireSeals', 'told']));
  expect(told).toMatchObject([{ event: { type: 'job_status_change', payload: { job_id: job.job_id } } }]);
});

test('one that is past its deadline is stopped, its children are cancelled, and whoever has them hears of it', async () => {
  const { jobs, housekeeping, told, truth, store, passTime, drain, journal } = await createJournaledJobs();
  const { job } = await jobs.create(OWNER, custom(2, { deadline_seconds: 60 }));
  const { job: other } = await jobs.create(OWNER, custom(1, { deadline_seconds: 3_600 }));
  await jobs.claim({ ...claim, limit: 1 });
  await housekeeping.reap();
  expect(await truth(job.job_id)).toMatchObject({ cancelled: 0 });
  await passTime(100_000);
  told.length = 0;
  await housekeeping.reap();
  await until(() => journal.includes('sweep'));
  await drain();
  expect(told.find(({ event }) => event.type === 'job_command')).toMatchObject({
    tenantId: OWNER.tenantId,
    event: { payload: { job_id: job.job_id, command: 'cancel' } },
  });
  expect(await truth(job.job_id)).toMatchObject({ pending: 0, running: 0, cancelled: 2 });
  const [folded] = await store.fold([job.job_id]);
  expect(folded?.progress.status).toBe('failed');
  expect(await truth(other.job_id)).toMatchObject({ cancelled: 0 });
});

const DAY_MS = 24 * 60 * 60 * 1_000;

describe('what has ended', () => {
  const endedOne = async (retentionDays?: number) => {
    const scene = await createJournaledJobs(retentionDays === undefined ? {} : { retentionDays });
    const { parentId } = await scene.parentOf(0);
    await scene.store.fold([parentId]);
    const { parentId: open } = await scene.parentOf(1);
    await scene.passTime(2 * DAY_MS);
    scene.told.length = 0;
    await scene.housekeeping.remove();
    return { ...scene, parentId, open };
  };

  test('is deleted when it ended longer ago than it is kept, and told; what is open is not', async () => {
    const { store, told, parentId, open } = await endedOne(1);
    expect(told).toMatchObject([
      { event: { payload: { job_id: parentId, to: null } } },
      { event: { type: 'job_command', payload: { job_id: parentId, command: 'delete' } } },
    ]);
    expect(await store.getJob(parentId)).toBeNull();
    expect(await store.getJob(open)).toMatchObject({ status: 'pending' });
  });

  test.each([[3], [undefined]])('is kept when it may be kept for %p days', async (retentionDays) => {
    const { store, told, parentId } = await endedOne(retentionDays);
    expect(told).toEqual([]);
    expect(await store.getJob(parentId)).toMatchObject({ status: 'completed' });
  });
});

describe('what was deleted', () => {
  const deletedOne = async () => {
    const scene = await createJournaledJobs();
    const { parentId, childIds } = await scene.parentOf(1_200);
    await scene.jobs.command({ owner: OWNER, jobId: parentId, command: 'cancel' });
    await until(() => scene.journal.filter((entry) => entry === 'sweep').length >= 3);
    await scene.store.fold([parentId]);
    await scene.jobs.command({ owner: OWNER, jobId: parentId, command: 'delete' });
    expect(await scene.store.findOwners([parentId, ...childIds])).toEqual(new Map());
    scene.journal.length = 0;
    return scene;
  };
  const removals = (journal: readonly string[]) => journal.filter((entry) => entry === 'removeDeleted');

  test('is removed in batches, to the last row', async () => {
    const { housekeeping, store, journal } = await deletedOne();
    await housekeeping.remove();
    expect(removals(journal).length).toBeGreaterThan(3);
    expect(await store.removeDeleted(1)).toBe(0);
  });

  test('is left when the manager stops, after the batch that is on', async () => {
    const { housekeeping, store, journal } = await deletedOne();
    const removing = housekeeping.remove();
    housekeeping.stop();
    await removing;
    expect(removals(journal)).toHaveLength(1);
    expect(await store.removeDeleted(500)).toBe(500);
  });
});
