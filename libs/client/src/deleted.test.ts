import { A, B, C, childProgressOf, jobProgressOf, progressOf, stateOf } from './fake-events.ts';
import { useClientFixture } from './fixture-client.ts';
import type { Watch } from './watch.ts';

const at = useClientFixture();

const refusal = (jobId: string) => ({
  type: 'refused' as const,
  timestamp: '2030-01-01T00:00:00.000Z',
  payload: {
    job_ids: [jobId],
    code: 'job_not_found' as const,
    message: 'There is no such job',
    retryable: false,
  },
});
const readToTheEnd = async (watch: Watch) => {
  for await (const { type } of watch) expect(type).toMatch(/progress/i);
};

test('a job that one deletes is gone, and so are its watches', async () => {
  const { watch } = await at.watchLive(A);
  at.gateway.latest.subscribed(A, 0);
  at.gateway.latest.say(stateOf(A, 1, 'completed'));
  at.gateway.api = { [`DELETE /v1/jobs/${A}`]: { status: 204 } };
  const across = at.client.watch(A, undefined, { acrossRuns: true });
  expect(await at.client.command(A, 'delete')).toBeNull();
  expect(at.client.getJob(A)).toBeUndefined();
  expect([watch.state, across.state]).toEqual(['ended', 'failed']);
  const reading = (async () => {
    for await (const { type } of across) expect(type).toBe('parent_job_progress');
  })();
  await expect(reading).rejects.toMatchObject({ code: 'job_refused', refusal: 'job_not_found' });
});

test('a job that somebody else deletes is gone the same way: what is watched otherwise goes on', async () => {
  const across = at.client.watch(A, undefined, { acrossRuns: true });
  const { watch } = await at.watchLive(B);
  const told = jest.fn();
  at.client.subscribeJob(A, told);
  for (const id of [A, B]) at.gateway.latest.subscribed(id, 0);
  at.gateway.latest.say(stateOf(A, 1, 'completed'));
  at.gateway.latest.say(stateOf(B, 1));
  await at.advance(100);
  told.mockClear();
  at.gateway.latest.say(refusal(A));
  await at.advance(100);
  expect([across.state, at.client.getJob(A), told.mock.calls.length]).toEqual(['failed', undefined, 1]);
  await expect(readToTheEnd(across)).rejects.toMatchObject({ refusal: 'job_not_found' });
  expect([watch.state, at.client.getJob(B)?.version]).toEqual(['watching', 1]);
});

test('so is a child that went with its parent', async () => {
  const watch = at.client.watch(C, undefined, { acrossRuns: true });
  await at.watchLive(B);
  at.gateway.latest.subscribed(C, 1);
  at.gateway.latest.say(jobProgressOf(C, 2));
  at.client.accept(childProgressOf(3));
  at.gateway.latest.say(refusal(C));
  expect([watch.state, at.client.getChild(C)]).toEqual(['failed', undefined]);
});

test('while nothing but the manager is reached, its word is taken, and not that of who stands in between', async () => {
  const pathOf = (jobId: string) => `/v1/jobs/${jobId}/progress`;
  at.gateway.api = { [pathOf(A)]: progressOf(A, 1), [pathOf(B)]: progressOf(B, 1) };
  const { watch } = await at.watchLive(A);
  const other = at.client.watch(B);
  at.gateway.latest.drop(4400);
  await at.advance(3_000);
  expect([at.client.getJob(A)?.version, at.client.getJob(B)?.version]).toEqual([1, 1]);
  const problem = { code: 'job_not_found', title: 'There is no such job' };
  at.gateway.api = { [pathOf(A)]: { status: 404, ...problem }, [pathOf(B)]: { status: 404 } };
  await at.advance(10_000);
  expect([watch.state, other.state]).toEqual(['failed', 'watching']);
  expect([at.client.getJob(A), at.client.getJob(B)?.version]).toEqual([undefined, 1]);
  await expect(readToTheEnd(watch)).rejects.toMatchObject({ refusal: 'job_not_found' });
  const asked = at.gateway.paths.filter((path) => path.startsWith(pathOf(A))).length;
  await at.advance(60_000);
  expect(at.gateway.paths.filter((path) => path.startsWith(pathOf(A)))).toHaveLength(asked);
});

test('who watches everything no longer has the job either, and is not refused', async () => {
  const watch = at.client.watchAll();
  await at.advance(0);
  at.gateway.latest.welcome();
  at.gateway.latest.say(stateOf(A, 1, 'completed'));
  at.gateway.latest.say(stateOf(B, 1));
  at.gateway.latest.say(refusal(A));
  expect([watch.state, [...at.client.getSnapshot().jobs.keys()]]).toEqual(['watching', [B]]);
});

test('a refusal for another reason takes nothing away that is known', async () => {
  const { watch } = await at.watchLive(A);
  at.client.accept(progressOf(A, 1));
  const { payload, ...message } = refusal(A);
  at.gateway.latest.say({ ...message, payload: { ...payload, code: 'too_many_jobs' } });
  expect([watch.state, at.client.getJob(A)?.version]).toEqual(['failed', 1]);
});
