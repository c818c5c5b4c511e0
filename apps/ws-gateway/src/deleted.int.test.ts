import { createTestKeys } from '@progeny/identity/testing';
import type { Owner } from '@progeny/job-store';
import { createGatewayScene, type GatewayScene } from './testing/gateway-scene.ts';
import type { TestClient } from './testing/test-client.ts';

const keys = createTestKeys();
const ANN: Owner = { tenantId: 'acme', userId: 'ann' };

let scene: GatewayScene;
beforeEach(async () => {
  scene = await createGatewayScene({ env: keys.env });
});
afterEach(() => scene.close());

const headersOf = async ({ tenantId, userId }: Owner) => ({
  authorization: `Bearer ${await keys.sign({ tenant_id: tenantId, user_id: userId, role: 'user' })}`,
});
const connect = async (owner: Owner): Promise<TestClient> => {
  const client = await scene.connect({ headers: await headersOf(owner) });
  await client.next('welcome');
  return client;
};
const createEnded = async (): Promise<{ jobId: string; childId: string }> => {
  const jobId = await scene.create(1, ANN);
  const { children } = await scene.store.claim({
    workerId: 'w',
    jobTypes: ['task'],
    limit: 1,
    leaseMs: 1_000,
  });
  const childId = children[0]?.job_id ?? '';
  await scene.store.report([{ jobId: childId, attempt: 1, status: 'completed' }]);
  await scene.store.fold([jobId]);
  return { jobId, childId };
};
/** As the manager tells it. */
const tellDeletion = (jobId: string) =>
  scene.publishOf(ANN, {
    type: 'job_command',
    timestamp: '2030-01-01T00:00:00.000Z',
    payload: { job_id: jobId, command: 'delete' },
  });
const refusalOf = async (client: TestClient) => (await client.next('refused')).payload;
const GONE = { code: 'job_not_found', retryable: false };

test('a deletion is told at once to all who watch the job, however they do, and to nobody else', async () => {
  const { jobId, childId } = await createEnded();
  const [named, ofChild, list, everything, bob, stranger] = [
    await connect(ANN),
    await connect(ANN),
    await connect(ANN),
    await connect(ANN),
    await connect({ ...ANN, userId: 'bob' }),
    await connect({ ...ANN, tenantId: 'other' }),
  ];
  named.subscribe(jobId);
  ofChild.subscribe(childId);
  list.say({ type: 'narrow', payload: { to: 'parents' } });
  const stream = await scene.stream(`/sse?job_id=${jobId}`, await headersOf(ANN));
  await stream.message('parent_job_progress');
  await Promise.all([named.next('parent_job_progress'), ofChild.next('JOB_COMPLETED'), list.settled()]);
  await scene.store.deleteParent(jobId);
  tellDeletion(jobId);
  for (const client of [named, list, everything]) {
    expect(await refusalOf(client)).toMatchObject({ ...GONE, job_ids: [jobId] });
  }
  expect(await refusalOf(ofChild)).toMatchObject({ ...GONE, job_ids: [childId] });
  expect((await stream.message('refused')).payload).toMatchObject({ ...GONE, job_ids: [jobId] });
  await Promise.all([bob.settled(), stranger.settled()]);
  expect([...bob.messages, ...stranger.messages].map(({ type }) => type)).toEqual([
    'welcome',
    'pong',
    'welcome',
    'pong',
  ]);
});

test('what is told to be deleted and is not goes on', async () => {
  const { jobId } = await createEnded();
  const client = await connect(ANN);
  client.subscribe(jobId);
  await client.next('parent_job_progress');
  tellDeletion(jobId);
  const other = await createEnded();
  await scene.store.deleteParent(other.jobId);
  const list = await connect(ANN);
  // Looked for behind the first one.
  tellDeletion(other.jobId);
  await refusalOf(list);
  await client.settled();
  expect(client.messages.map(({ type }) => type)).not.toContain('refused');
});
