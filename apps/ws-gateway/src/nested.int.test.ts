import { newParent } from '@progeny/job-store/contract-suite';
import { brief } from './testing/events.ts';
import { createGatewayScene, type GatewayScene, LOCAL } from './testing/gateway-scene.ts';
import type { TestClient } from './testing/test-client.ts';

let scene: GatewayScene;
beforeEach(async () => {
  scene = await createGatewayScene();
});
afterEach(() => scene.close());

/** A parent with one child, nested in another; folded as often as there is something to fold, each told. */
async function createNested() {
  const { store } = scene;
  const outer = await store.createParent(newParent([], { owner: LOCAL }));
  const within = { parentId: outer.job.job_id };
  const { job } = await store.createParent(newParent(['a'], { owner: LOCAL, sealed: true, within }));
  await store.seal(outer.job.job_id);
  const fold = async () => {
    for (const id of [job.job_id, outer.job.job_id]) {
      for (const { progress, lifecycle } of await store.fold([id])) {
        const timestamp = '2030-01-01T00:00:00.000Z';
        // The end overtakes the counts, as on a bus it may.
        scene.publish(...lifecycle, { type: 'parent_job_progress', payload: progress, timestamp });
      }
    }
  };
  const work = async () => {
    const { children } = await store.claim({ workerId: 'w', jobTypes: ['task'], limit: 1, leaseMs: 1_000 });
    await fold();
    await store.report(children.map(({ job_id }) => ({ jobId: job_id, attempt: 1, status: 'completed' })));
    await fold();
  };
  return { outerId: outer.job.job_id, jobId: job.job_id, work };
}

const connect = async (): Promise<TestClient> => {
  const client = await scene.connect();
  await client.next('welcome');
  return client;
};
/** What came of a job. */
const toldOf = ({ messages }: TestClient, jobId: string) =>
  messages.filter(({ payload }) => 'job_id' in payload && payload.job_id === jobId);

test('a nested parent is told of as any parent, and to who takes parents alone it is a child', async () => {
  const { outerId, jobId, work } = await createNested();
  const [named, everything, list] = [await connect(), await connect(), await connect()];
  list.say({ type: 'narrow', payload: { to: 'parents' } });
  named.subscribe(jobId);
  expect((await named.next('parent_job_progress')).payload).toMatchObject({
    job_id: jobId,
    parent_id: outerId,
    pending_children: 1,
  });
  await list.settled();
  await work();
  for (const client of [everything, list]) {
    while ((await client.next('JOB_COMPLETED')).payload.job_id !== outerId) {}
  }
  const end = await named.next('JOB_COMPLETED');
  expect(end.payload).toMatchObject({ job_id: jobId, parent_id: outerId, is_parent: true });
  for (const client of [named, everything]) {
    const told = toldOf(client, jobId);
    expect(told.map(brief).slice(-2)).toEqual([expect.stringMatching(/^v/), 'JOB_COMPLETED 2']);
    expect(told.at(-2)?.payload).toMatchObject({ status: 'completed', completed_children: 1 });
  }
  expect(toldOf(list, jobId)).toEqual([]);
});

test('one that has ended begins with its counts, and its end is replayed to who missed it', async () => {
  const { jobId, work } = await createNested();
  const first = await connect();
  first.subscribe(jobId);
  const { epoch } = (await first.next('subscribed')).payload;
  await first.next('parent_job_progress');
  await work();
  await first.next('JOB_COMPLETED');
  const again = await connect();
  again.say({ type: 'subscribe', payload: { job_ids: [jobId], epoch, after_seq: { [jobId]: 1 } } });
  await again.next('JOB_COMPLETED');
  expect(toldOf(again, jobId).map(({ type }) => type)).toEqual(['parent_job_progress', 'JOB_COMPLETED']);
  const late = await connect();
  late.subscribe(jobId);
  expect((await late.next('parent_job_progress')).payload.status).toBe('completed');
  await late.settled();
  expect(late.messages.map(({ type }) => type)).not.toContain('JOB_COMPLETED');
});
