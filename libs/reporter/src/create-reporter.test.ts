import { createReporter } from './create-reporter.ts';
import { createFakeManager, type FakeManager, problem } from './fake-manager.ts';
import type { Loss, ParentReporter, Reporter, ReporterOptions } from './reporter.ts';

let manager: FakeManager;
let reporter: Reporter;
const WAIT_MS = 20_000;

const start = (options: Partial<ReporterOptions> = {}): Reporter => {
  reporter = createReporter({ url: 'http://manager.example/', fetch: manager.fetch, flushMs: 1, ...options });
  return reporter;
};
const statusOf = (key: string) => [...manager.children.values()].find((child) => child.key === key);

beforeEach(() => {
  manager = createFakeManager();
  // The next try comes at once.
  jest.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await reporter.close(0);
});

test('children, statuses and progress arrive in bulk and in the order of each child', async () => {
  const parent = start().parent({ idempotencyKey: 'day', name: 'a day' });
  for (const key of ['a', 'b', 'c']) {
    parent.addChild(key, { url: `https://${key}.example/` });
    parent.status(key, { status: 'running', attempt: 1 });
    parent.progress(key, { attempt: 1, progress: 40.9, stage: 'parsing' });
    parent.status(key, { status: 'completed', attempt: 1, result: { pages: 3 } });
  }
  parent.seal();
  expect(await reporter.flush(WAIT_MS)).toBe(true);

  expect(await parent.jobId).toBe('p1');
  expect(manager.parents.get('p1')).toMatchObject({ sealed: true, spec: { type: 'custom', name: 'a day' } });
  for (const key of ['a', 'b', 'c']) {
    expect(statusOf(key)).toMatchObject({ payload: { url: `https://${key}.example/` }, status: 'completed' });
    expect(statusOf(key)?.said).toEqual([
      { status: 'running', attempt: 1 },
      { attempt: 1, progress: 40, stage: 'parsing', events: [] },
      { status: 'completed', attempt: 1, result: { pages: 3 } },
    ]);
  }
  expect(manager.bodies('/v1/jobs/p1/children')).toHaveLength(1);
  expect(manager.bodies('/v1/jobs/status')).toHaveLength(2);
  expect(reporter.counters).toEqual({ sent: 13, buffered: 0, lost: 0, refused: 0, retries: 0 });
});

test('progress that waits is merged: the last value counts, and no event is left out', async () => {
  const parent = start().parent({ idempotencyKey: 'day' });
  parent.status('a', { status: 'running', attempt: 1 });
  for (const percent of [10, 20, 30]) {
    parent.progress('a', {
      attempt: 1,
      progress: percent,
      stage: `at ${percent}`,
      events: [{ event: 'pipeline_started' }],
    });
  }
  parent.progress('a', { attempt: 1, label: 'nothing but a label says nothing' });
  await reporter.flush(WAIT_MS);
  expect(statusOf('a')?.said.slice(1)).toEqual([
    { attempt: 1, progress: 30, stage: 'at 30', events: Array(3).fill({ event: 'pipeline_started' }) },
  ]);
});

test('the same key is the same parent: here, and with another reporter', async () => {
  start();
  expect(reporter.parent({ idempotencyKey: 'day' })).toBe(reporter.parent({ idempotencyKey: 'day' }));
  const first = await reporter.parent({ idempotencyKey: 'day' }).jobId;
  await reporter.close(0);
  expect(await start().parent({ idempotencyKey: 'day' }).jobId).toBe(first);
});

test('a parent within another is created with it, and before it is sealed; all as often as it takes', async () => {
  const outer = start().parent({ idempotencyKey: 'all' });
  outer.seal();
  const within = { parent: outer, key: 'part' };
  const part = reporter.parent({ idempotencyKey: 'part', within });
  const inner = reporter.parent({ idempotencyKey: 'inner', within: { parent: part, key: 'inner' } });
  const other = reporter.parent({ idempotencyKey: 'other', within: { parent: 'p9', key: 'other' } });
  let cuts = 2;
  manager.instead = () => (cuts-- > 0 ? problem(503, 'unavailable') : undefined);
  inner.status('a', { status: 'completed', attempt: 1 });
  expect(await reporter.flush(WAIT_MS)).toBe(true);

  expect([await outer.jobId, await part.jobId, await inner.jobId]).toEqual(['p1', 'p2', 'p3']);
  expect(manager.parents.get('p2')?.spec).toMatchObject({ parent_id: 'p1', key: 'part' });
  expect(manager.parents.get('p3')?.spec).toMatchObject({ parent_id: 'p2', key: 'inner' });
  expect(manager.parents.get(await other.jobId)?.spec).toMatchObject({ parent_id: 'p9' });
  expect(statusOf('a')).toMatchObject({ status: 'completed' });
  const paths = manager.requests.map(({ path }) => path);
  expect(paths.indexOf('/v1/jobs/p1/seal')).toBeGreaterThan(paths.lastIndexOf('/v1/jobs'));
  expect(reporter.parent({ idempotencyKey: 'part', within })).toBe(part);
});

test('a seal waits for a parent that was named before it, though much is under way', async () => {
  const outer = start().parent({ idempotencyKey: 'all' });
  outer.addChild('a');
  let part: ParentReporter | undefined;
  manager.instead = (path) => {
    if (path !== '/v1/jobs/p1/children' || part) return undefined;
    part = reporter.parent({ idempotencyKey: 'part', within: { parent: outer, key: 'part' } });
    outer.seal();
    return undefined;
  };
  expect(await reporter.flush(WAIT_MS)).toBe(true);
  expect(await part?.jobId).toBe('p2');
  expect(manager.requests.map(({ path }) => path).slice(-2)).toEqual(['/v1/jobs', '/v1/jobs/p1/seal']);
});

test('a parent within one that is refused is refused with it; within one of another reporter is a mistake', async () => {
  const outer = start().parent({ idempotencyKey: 'all' });
  manager.instead = (path) => (path === '/v1/jobs' ? problem(422, 'idempotency_key_reused') : undefined);
  const part = reporter.parent({ idempotencyKey: 'part', within: { parent: outer, key: 'part' } });
  part.status('a', { status: 'completed', attempt: 1 });
  await expect(part.jobId).rejects.toMatchObject({ code: 'parent_refused' });
  expect(await reporter.flush(WAIT_MS)).toBe(true);
  expect(reporter.counters).toMatchObject({ buffered: 0, refused: 2 });
  expect(manager.bodies('/v1/jobs')).toHaveLength(1);

  const foreign = createReporter({ url: 'http://manager.example/', fetch: manager.fetch });
  const within = { parent: outer, key: 'part' };
  expect(() => foreign.parent({ idempotencyKey: 'part', within })).toThrow('another reporter');
  await foreign.close(0);
});

test('nothing is lost while the manager is away, however it is away; each comes once it is back', async () => {
  const parent = start().parent({ idempotencyKey: 'day' });
  const aways = [
    () => Promise.reject(new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })),
    () => problem(503, 'unavailable'),
    () => problem(429, 'rate_limited'),
    () => new Response('<html>bad gateway</html>', { status: 502 }),
    () => new Response('<html>welcome</html>', { status: 200 }),
    () => problem(401, 'unauthenticated'),
  ];
  manager.instead = () => aways.shift()?.();
  const back = new Promise<void>((resolve) => void reporter.onOnline(resolve));
  for (let at = 0; at < 20; at += 1) parent.status(`${at}`, { status: 'completed', attempt: 1 });
  expect(reporter.counters).toMatchObject({ sent: 0, buffered: 40 });
  await back;
  expect(await reporter.flush(WAIT_MS)).toBe(true);
  expect([...manager.children.values()].filter((child) => child.status === 'completed')).toHaveLength(20);
  expect(reporter.counters).toMatchObject({ sent: 40, lost: 0, retries: 6 });
  expect(reporter.isOnline).toBe(true);
});

test('an answer that got lost is asked for again, and changes nothing twice', async () => {
  const parent = start().parent({ idempotencyKey: 'day' });
  let cuts = 3;
  const { fetch: answering } = manager;
  manager.fetch = async (input, init) => {
    const answer = await answering(input, init);
    if (cuts-- > 0) throw new TypeError('the line was cut');
    return answer;
  };
  await reporter.close(0);
  const again = start().parent({ idempotencyKey: 'day' });
  again.status('a', { status: 'running', attempt: 1 });
  again.status('a', { status: 'completed', attempt: 1 });
  expect(await reporter.flush(WAIT_MS)).toBe(true);
  expect(parent).not.toBe(again);
  expect([manager.parents.size, manager.children.size]).toEqual([1, 1]);
  expect(statusOf('a')?.said).toHaveLength(2);
});

test('beyond what may wait the oldest progress goes first, then the oldest of the rest; each is counted and named', async () => {
  const losses: Loss[] = [];
  const told = new Promise<void>((resolve) => {
    start({
      maxBuffered: 6,
      onLost(loss) {
        losses.push(loss);
        resolve();
      },
    });
  });
  manager.instead = () => problem(503, 'unavailable');
  const parent = reporter.parent({ idempotencyKey: 'day' });
  parent.status('a', { status: 'running', attempt: 1 });
  parent.progress('a', { progress: 1 });
  parent.status('b', { status: 'running', attempt: 1 });
  parent.progress('b', { progress: 1 });
  expect(reporter.counters).toMatchObject({ buffered: 6, lost: 0 });
  parent.status('a', { status: 'completed', attempt: 1 });
  parent.status('b', { status: 'completed', attempt: 1 });
  expect(reporter.counters).toMatchObject({ buffered: 6, lost: 2 });
  // No progress is left. With the child that is not added goes what was to be said of it.
  parent.status('b', { status: 'failed', attempt: 2 });
  expect(reporter.counters).toMatchObject({ buffered: 4, lost: 5 });
  await told;
  expect(losses).toEqual([{ parent, keys: ['a', 'b'] }]);
  manager.instead = undefined;
  expect(await reporter.flush(WAIT_MS)).toBe(true);
  expect([...manager.children.values()].map(({ key }) => key)).toEqual(['b']);
  expect(reporter.counters).toMatchObject({ sent: 3, refused: 1, buffered: 0, lost: 5 });
});

test('a seal waits for all of its children, however many requests they take', async () => {
  const parent = start().parent({ idempotencyKey: 'flow' });
  for (let at = 0; at < 1_200; at += 1) parent.addChild(`${at}`);
  parent.seal();
  expect(await reporter.flush(WAIT_MS)).toBe(true);
  expect(manager.parents.get('p1')).toMatchObject({ sealed: true });
  expect(manager.children.size).toBe(1_200);
  expect(reporter.counters).toMatchObject({ sent: 1_201, refused: 0 });
});

test('a seal is lost with one of its children', async () => {
  const told = new Promise<Loss>((resolve) => void start({ maxBuffered: 2, onLost: resolve }));
  const parent = reporter.parent({ idempotencyKey: 'flow' });
  manager.instead = () => problem(503, 'unavailable');
  for (const key of ['a', 'b', 'c']) parent.addChild(key);
  parent.seal();
  expect(reporter.counters).toMatchObject({ buffered: 2, lost: 2 });
  manager.instead = undefined;
  await reporter.flush(WAIT_MS);
  expect(manager.parents.get('p1')?.sealed).toBe(false);
  // Who was told says it again.
  expect(await told).toEqual({ parent, keys: ['a'] });
  parent.addChild('a');
  parent.seal();
  await reporter.flush(WAIT_MS);
  expect(manager.parents.get('p1')?.sealed).toBe(true);
  expect(manager.children.size).toBe(3);
});

test('what the manager will not take holds up nothing else', async () => {
  const parent = start().parent({ idempotencyKey: 'day' });
  manager.instead = (path, body) =>
    path === '/v1/jobs/status' && body.includes('"attempt":-1') ? problem(400, 'invalid_request') : undefined;
  for (let at = 0; at < 100; at += 1) {
    parent.status(`${at}`, { status: 'completed', attempt: at === 37 || at === 38 ? -1 : 1 });
  }
  expect(await reporter.flush(WAIT_MS)).toBe(true);
  expect(
    [...manager.children.values()].filter((child) => child.status === 'pending').map((one) => one.key),
  ).toEqual(['37', '38']);
  expect(reporter.counters).toMatchObject({ sent: 198, refused: 2, lost: 0 });
});

test('a child that failed and is tried once more runs again; one that was completed does not', async () => {
  const parent = start().parent({ idempotencyKey: 'day' });
  parent.status('a', { status: 'failed', attempt: 1, error: { error_code: 'broken' } });
  parent.status('b', { status: 'completed', attempt: 1 });
  await reporter.flush(WAIT_MS);
  for (const key of ['a', 'b']) {
    parent.status(key, { status: 'running', attempt: 2 });
    parent.status(key, { status: 'completed', attempt: 2 });
  }
  expect(await reporter.flush(WAIT_MS)).toBe(true);
  expect(statusOf('a')).toMatchObject({ status: 'completed', attempt: 2 });
  expect(statusOf('b')).toMatchObject({ status: 'completed', attempt: 1 });
  // Both were added and ended, then asked for again since they had ended; and a was tried again.
  expect(reporter.counters).toMatchObject({ sent: 8, refused: 2 });
});

test('of a parent that is sealed the ids are looked up; a child that it does not have is refused', async () => {
  const before = start().parent({ idempotencyKey: 'flow' });
  for (const key of ['a', 'b', 'c', 'd', 'e']) before.addChild(key);
  before.seal();
  await reporter.close(WAIT_MS);
  const parent = start().parent({ idempotencyKey: 'flow' });
  for (const key of ['e', 'a', 'late']) parent.status(key, { status: 'completed', attempt: 1 });
  expect(await reporter.flush(WAIT_MS)).toBe(true);
  expect([statusOf('a')?.status, statusOf('e')?.status]).toEqual(['completed', 'completed']);
  expect(reporter.counters).toMatchObject({ sent: 4, refused: 2 });
});

test('a parent that is refused for good takes what is said of it and is no burden', async () => {
  manager.instead = (path) => (path === '/v1/jobs' ? problem(422, 'idempotency_key_reused') : undefined);
  const parent = start().parent({ idempotencyKey: 'day' });
  parent.status('a', { status: 'running', attempt: 1 });
  await expect(parent.jobId).rejects.toMatchObject({ code: 'parent_refused' });
  expect(await reporter.flush(WAIT_MS)).toBe(true);
  parent.status('b', { status: 'running', attempt: 1 });
  expect(reporter.counters).toEqual({ sent: 0, buffered: 0, lost: 0, refused: 3, retries: 0 });
});

test('whatever it is given it does not throw, and what is told is told within the limits', async () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const parent = start().parent({ idempotencyKey: 'ключ \n'.repeat(100), name: 'x'.repeat(1000) });
  parent.addChild('', cycle);
  parent.status('k'.repeat(5000), { status: 'completed', attempt: 1, result: 'y'.repeat(100_000) });
  parent.status('bad', {
    status: 'failed',
    attempt: 1,
    error: { error_code: 'E_BOOM: x', user_message: 'z'.repeat(900) },
  });
  parent.progress('bad', { progress: Number.NaN });
  await reporter.flush(WAIT_MS);
  const results = [...manager.children.values()].map(({ said }) => said[0]);
  expect(results[1]).toMatchObject({ result: { cut: true, note: expect.stringContaining('100012 bytes') } });
  expect(results[2]).toMatchObject({ error: { error_code: 'e_boom_x' } });
  expect(reporter.counters).toMatchObject({ sent: 5, refused: 0 });
});

test('a token that was refused is asked for again', async () => {
  const tokens = ['old', 'new'];
  manager.instead = () =>
    manager.requests.at(-1)?.headers.authorization === 'Bearer new'
      ? undefined
      : problem(401, 'unauthenticated');
  start({ token: async () => tokens.shift() ?? 'new' });
  reporter.parent({ idempotencyKey: 'day' }).addChild('a');
  expect(await reporter.flush(WAIT_MS)).toBe(true);
  expect(manager.children.size).toBe(1);
});

test('a flush says when it was too short; after the close what is left and what is said is lost', async () => {
  const parent = start().parent({ idempotencyKey: 'day' });
  manager.instead = () => problem(503, 'unavailable');
  parent.addChild('a');
  expect(await reporter.flush(5)).toBe(false);
  expect(await reporter.hasRoom(5)).toBe(true);
  expect(await reporter.close(5)).toBe(false);
  parent.addChild('b');
  expect(reporter.counters).toMatchObject({ sent: 0, buffered: 0, lost: 2 });
  await expect(parent.jobId).rejects.toMatchObject({ code: 'closed' });
});

test('a listener that throws harms nobody', async () => {
  start({
    maxBuffered: 1,
    onLost() {
      throw new Error('mine');
    },
  });
  const parent = reporter.parent({ idempotencyKey: 'day' });
  for (const key of ['a', 'b', 'c']) parent.addChild(key);
  expect(await reporter.flush(WAIT_MS)).toBe(true);
  expect([...manager.children.values()].map(({ key }) => key)).toEqual(['c']);
});
