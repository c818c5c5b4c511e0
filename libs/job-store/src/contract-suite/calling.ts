import type { CallerStore, JobStore, Owner } from '../job-store.ts';
import { StoreError } from '../store-error.ts';
import type { JobStoreHarness } from './harness.ts';
import {
  allChildren,
  childId,
  claimTasks,
  inputs,
  newParent,
  parentWith,
  settle,
  UNKNOWN_ID,
} from './scene.ts';

const ANN: Owner = { tenantId: 'acme', userId: 'ann' };
const STRANGERS = {
  'somebody of another tenant': { tenantId: 'other', userId: 'ann' },
  'all of another tenant': { tenantId: 'other' },
  'another user of the tenant': { tenantId: 'acme', userId: 'bob' },
} as const;
const ERROR = { error_code: 'gone', user_message: 'Gone.', technical_detail: '' };

interface Family {
  parentId: string;
  childId: string;
}
const NOBODY: Family = { parentId: UNKNOWN_ID, childId: UNKNOWN_ID };

/** Each method that speaks of jobs by their ids, asked of a family. */
const QUESTIONS: Record<
  Exclude<keyof CallerStore, 'createParent' | 'claim' | 'listParents'>,
  (store: CallerStore, family: Family) => Promise<unknown>
> = {
  addChildren: (store, { parentId }) => store.addChildren(parentId, inputs('b')),
  seal: (store, { parentId }) => store.seal(parentId),
  requestCancel: (store, { parentId }) => store.requestCancel(parentId),
  pause: (store, { parentId }) => store.pause(parentId),
  resume: (store, { parentId }) => store.resume(parentId),
  requestRetryFailed: (store, { parentId }) => store.requestRetryFailed(parentId),
  retryChild: (store, family) => store.retryChild(family.childId),
  deleteParent: (store, { parentId }) => store.deleteParent(parentId),
  heartbeat: async (store, family) =>
    (await store.heartbeat([{ jobId: family.childId, attempt: 1 }], 60_000)).lost.length,
  report: async (store, family) =>
    (await store.report([{ jobId: family.childId, status: 'completed', attempt: 1 }])).answers.map(
      ({ job_id: _, ...answer }) => answer,
    ),
  saveProgress: (store, family) =>
    store.saveProgress([
      { jobId: family.childId, progress: 50, steps: [{ event: 'pipeline_started' }] },
      { jobId: family.parentId, steps: [{ event: 'pipeline_started' }] },
    ]),
  getJob: async (store, { parentId, childId: child }) => [
    await store.getJob(parentId),
    await store.getJob(child),
  ],
  findOwners: (store, family) => store.findOwners(Object.values(family)),
  listChildren: (store, { parentId }) => store.listChildren(parentId, { limit: 10 }),
  getProgress: (store, { parentId }) => store.getProgress([parentId]),
  readSnapshots: async (store, family) => (await store.readSnapshots(Object.values(family))).snapshots,
  explain: (store, { parentId }) => store.explain(parentId),
  listSteps: (store, family) => store.listSteps(family.childId),
  listLog: (store, { parentId }) => store.listLog(parentId),
};

/** What came of it, whichever way. */
const outcome = (answer: Promise<unknown>): Promise<unknown> =>
  answer.catch((error: unknown) => {
    if (error instanceof StoreError) return { refused: error.code };
    throw error;
  });

async function annsFamily(store: JobStore): Promise<Family> {
  const parentId = await parentWith(store, ['a'], { owner: ANN });
  await claimTasks(store);
  await settle(store, parentId);
  return { parentId, childId: await childId(store, parentId, 'a') };
}

export function describeCalling(harness: () => JobStoreHarness): void {
  describe.each(Object.entries(STRANGERS))('%s', (_, stranger) => {
    test.each(Object.entries(QUESTIONS))(
      '%s answers as of what never was, and changes nothing',
      async (_name, ask) => {
        const { store } = harness();
        const family = await annsFamily(store);
        const state = async () => [
          await store.getJob(family.parentId),
          await allChildren(store, family.parentId),
          await store.listSteps(family.childId),
        ];
        const before = await state();
        const strange = await outcome(ask(store.as(stranger), family));
        expect(strange).toEqual(await outcome(ask(store.as(stranger), NOBODY)));
        expect(await state()).toEqual(before);
        // What it is of her own is another matter.
        expect(await outcome(ask(store.as(ANN), family))).not.toEqual(strange);
      },
    );

    test('lists none of them, nor under a name that is not its own', async () => {
      const { store } = harness();
      await annsFamily(store);
      const theirs = store.as(stranger);
      expect((await theirs.listParents({ limit: 10 })).jobs).toEqual([]);
      expect((await theirs.listParents({ limit: 10, owner: ANN })).jobs).toEqual([]);
    });

    test('creates nothing for others', async () => {
      const { store } = harness();
      await expect(store.as(stranger).createParent(newParent(['a'], { owner: ANN }))).rejects.toThrow();
      expect((await store.listParents({ limit: 10 })).jobs).toEqual([]);
    });
  });

  test('a caller has the whole life of a job to command', async () => {
    const { store } = harness();
    const own = store.as(ANN);
    const { job } = await own.createParent(newParent(['a', 'b'], { owner: ANN }));
    await own.addChildren(job.job_id, inputs('c'));
    await own.pause(job.job_id);
    await own.resume(job.job_id);
    await own.seal(job.job_id);
    const children = (await own.listChildren(job.job_id, { limit: 10 })).children;
    const [first, ...others] = children.map(({ job_id }) => job_id);
    if (!first) throw new Error('there were to be children');
    await own.report(others.map((jobId) => ({ jobId, status: 'completed', attempt: 1, text: 'text' })));
    await own.report([{ jobId: first, status: 'failed', attempt: 1, error: ERROR }]);
    expect((await settle(store, job.job_id)).progress).toMatchObject({
      status: 'completed',
      failed_children: 1,
    });
    await own.requestRetryFailed(job.job_id);
    await store.sweep(job.job_id, 10);
    await own.saveProgress([{ jobId: first, steps: [{ event: 'pipeline_started' }] }]);
    expect((await own.listSteps(first)).events).toHaveLength(1);
    await own.report([{ jobId: first, status: 'completed', attempt: 2 }]);
    expect((await settle(store, job.job_id)).progress).toMatchObject({
      status: 'completed',
      failed_children: 0,
    });
    expect((await own.listLog(job.job_id)).lines.length).toBeGreaterThan(0);
    expect((await own.readSnapshots([job.job_id, first])).snapshots).toHaveLength(2);
    expect((await own.listParents({ limit: 10 })).jobs).toHaveLength(1);
    await own.deleteParent(job.job_id);
    expect(await own.getJob(job.job_id)).toBeNull();
  });

  test('all of a tenant sees its users’ jobs, and is given their children alone', async () => {
    const { store } = harness();
    const acme = store.as({ tenantId: 'acme' });
    const ids = [
      await parentWith(store, ['a'], { owner: ANN }),
      await parentWith(store, ['b'], { owner: { ...ANN, userId: 'bob' } }),
    ];
    await parentWith(store, ['c'], { owner: { tenantId: 'other', userId: 'ann' } });
    expect((await acme.listParents({ limit: 10 })).jobs.map(({ job_id }) => job_id).sort()).toEqual(ids);
    const claimed = await acme.claim({ workerId: 'w1', jobTypes: ['task'], limit: 10, leaseMs: 30_000 });
    expect(claimed.children.map(({ key }) => key).sort()).toEqual(['a', 'b']);
    expect(Object.keys(claimed.parents).sort()).toEqual(ids);
    const held = claimed.children.map(({ job_id, attempt }) => ({ jobId: job_id, attempt }));
    expect(await acme.heartbeat(held, 60_000)).toEqual({ lost: [] });
  });
}
