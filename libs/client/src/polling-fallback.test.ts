import { A, B, completedOf, idOf, progressOf } from './fake-events.ts';
import { useClientFixture } from './fixture-client.ts';

const at = useClientFixture();
const pathOf = (jobId: string) => `/v1/jobs/${jobId}/progress`;
const answers = (...jobs: ReturnType<typeof progressOf>[]) =>
  Object.fromEntries(jobs.map((progress) => [pathOf(progress.job_id), progress]));

describe('polling', () => {
  test('while it reaches the manager it is no less reached for every socket that fails', async () => {
    at.gateway.api = answers(progressOf(A, 2));
    await at.watchLive(A);
    const states: string[] = [];
    at.client.onState(({ status }) => states.push(status));
    for (let second = 0; second < 60; second += 1) {
      at.gateway.latest.drop();
      await at.advance(1_000);
    }
    expect(at.gateway.sockets.length).toBeGreaterThan(3);
    expect(states).toEqual(['reconnecting', 'polling']);
  });

  test('when no stream can be had either, the manager is asked, with waiting requests, until one is', async () => {
    at.gateway.api = answers(progressOf(A, 7));
    await at.watchLive(A);
    at.gateway.latest.drop();
    await at.advance(3_000);
    expect(at.client.getJob(A)?.version).toBe(7);
    expect(at.status()).toBe('polling');
    at.gateway.api = answers(progressOf(A, 8));
    await at.advance(1_000);
    expect(at.gateway.requests.at(-1)).toEqual({
      path: `${pathOf(A)}?wait=25`,
      headers: { accept: 'application/json', 'if-none-match': '"7"' },
    });
    expect(at.client.getJob(A)?.version).toBe(8);
    at.gateway.latest.welcome();
    const polled = at.gateway.requests.length;
    expect(at.status()).toBe('live');
    await at.advance(14_000);
    expect(at.gateway.requests).toHaveLength(polled);
  });

  test('that the socket and the stream are tried meanwhile does not show', async () => {
    at.gateway.api = answers(progressOf(A, 1), progressOf(B, 1));
    await at.watchLive(A);
    at.gateway.latest.drop();
    await at.advance(3_000);
    const seen = new Set([at.status()]);
    at.client.onState(({ status }) => seen.add(status));
    for (let round = 0; round < 5; round += 1) {
      at.gateway.latest.drop();
      await at.advance(5_000);
    }
    at.client.watch(B);
    await at.advance(5_000);
    expect(at.gateway.sockets.length).toBeGreaterThan(5);
    expect(at.gateway.streams.length).toBeGreaterThan(3);
    expect([...seen]).toEqual(['polling']);
    expect(at.client.getJob(B)?.version).toBe(1);
  });

  test('a stream that comes up ends the polling', async () => {
    at.gateway.api = answers(progressOf(A, 1));
    await at.watchLive(A);
    at.gateway.latest.drop(4400);
    await at.advance(3_000);
    at.gateway.sse = 'open';
    await at.advance(10_000);
    at.gateway.stream.welcome();
    await at.advance(0);
    const polled = at.gateway.requests.length;
    expect(at.client.state).toMatchObject({ status: 'live', via: 'sse' });
    await at.advance(10_000);
    expect(at.gateway.requests).toHaveLength(polled);
  });

  test('a stream that is refused for good is not asked for again', async () => {
    at.gateway.api = answers(progressOf(A, 1));
    at.gateway.sse = 404;
    await at.watchLive(A);
    at.gateway.latest.drop(4400);
    await at.advance(60_000);
    expect(at.gateway.streams).toHaveLength(1);
    expect(at.status()).toBe('polling');
  });

  test('many jobs are asked for in rounds that do not wait', async () => {
    const ids = Array.from({ length: 5 }, (_, index) => idOf(`j${index}`));
    at.gateway.api = answers(...ids.map((jobId) => progressOf(jobId, 1)));
    for (const jobId of ids) at.client.watch(jobId);
    await at.advance(3_000);
    expect(at.gateway.paths).toEqual(ids.map(pathOf));
    await at.advance(5_000);
    expect(at.gateway.paths).toEqual([...ids, ...ids].map(pathOf));
  });

  test('with everything watched the list is read, and the named jobs that are not on it', async () => {
    at.gateway.api = {
      '/v1/jobs?limit=200': { jobs: [{ progress: progressOf(A, 1) }] },
      ...answers(progressOf(B, 2)),
    };
    at.client.watchAll();
    at.client.watch(A);
    at.client.watch(B);
    await at.advance(3_000);
    expect(at.gateway.paths).toEqual(['/v1/jobs?limit=200', pathOf(B)]);
    expect(at.client.getJob(B)?.version).toBe(2);
  });

  test('the end of a job that is only polled is its last state', async () => {
    at.gateway.api = answers(progressOf(A, 7, { status: 'completed' }));
    const { heard, watch } = await at.watchLive(A);
    at.gateway.latest.drop(4400);
    at.client.accept(progressOf(A, 7, { status: 'completed' }));
    await at.advance(100);
    expect(watch.state).toBe('watching');
    await at.advance(3_000);
    expect(heard).toEqual(['P7']);
    expect(watch.state).toBe('ended');
  });

  test('a read that a live connection overtakes ends nothing: the event of the end is to come', async () => {
    at.gateway.api = answers(progressOf(A, 7, { status: 'completed' }));
    const { heard, watch } = await at.watchLive(A);
    at.gateway.latest.subscribed(A, 1);
    at.client.resync();
    await at.advance(0);
    expect(watch.state).toBe('watching');
    at.gateway.latest.say(completedOf(A, 2));
    await at.advance(0);
    expect(heard).toEqual(['P7', 'E2']);
  });

  test('a job watched while polling is read at once', async () => {
    at.gateway.api = answers(progressOf(A, 1), progressOf(B, 1));
    at.client.watch(A);
    await at.advance(3_100);
    at.client.watch(B);
    await at.advance(0);
    expect(at.client.getJob(B)?.version).toBe(1);
  });

  test('without the address of the manager nothing is asked', async () => {
    at.again({ apiUrl: undefined });
    at.client.watch(A);
    await at.advance(20_000);
    expect(at.gateway.requests).toEqual([]);
  });

  test('an end that was read before, while it was live, is known when the manager says that nothing changed', async () => {
    at.gateway.api = answers(progressOf(A, 7, { status: 'completed' }));
    const { watch } = await at.watchLive(A);
    at.gateway.latest.subscribed(A, 1);
    at.client.resync();
    await at.advance(0);
    expect(watch.state).toBe('watching');
    at.gateway.latest.drop(4400);
    await at.advance(3_000);
    expect(at.gateway.requests.at(-1)?.headers['if-none-match']).toBe('"7"');
    expect(watch.state).toBe('ended');
  });

  test('a token that the manager refuses is not used again', async () => {
    let asked = 0;
    at.again({
      token: () => {
        asked += 1;
        return `t${asked}`;
      },
    });
    at.gateway.sse = 404;
    at.gateway.api = { [pathOf(A)]: { status: 401 } };
    await at.watchLive(A);
    at.gateway.latest.drop(4401);
    await at.advance(9_000);
    const used = at.gateway.requests.map(({ headers }) => headers.authorization);
    expect(used.length).toBeGreaterThan(1);
    expect(new Set(used).size).toBe(used.length);
  });
});
