import type { ClaimedChild } from '@progeny/contract';
import type { JobHandler } from '../job.ts';
import { createJobPool } from './job-pool.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const childOf = (job_id: string, more: Partial<ClaimedChild> = {}): ClaimedChild => ({
  job_id,
  parent_id: 'p',
  job_type: 'task',
  key: job_id,
  payload: {},
  attempt: 1,
  lease_expires_at: '2030-01-01T00:00:00.000Z',
  timeout_ms: null,
  ...more,
});

function setUp(handler: JobHandler) {
  const ended: string[] = [];
  const left: string[] = [];
  let rooms = 0;
  const pool = createJobPool({
    handler,
    progress: { open: () => ({ progress() {}, emit() {}, close() {} }) },
    onEnded: ({ job_id, attempt }, { status, error, retryable }) =>
      ended.push(
        [job_id, attempt, status, error?.error_code, retryable]
          .filter((part) => part !== undefined)
          .join(' '),
      ),
    onRoom: () => {
      rooms += 1;
    },
    onLeft: ({ job_id }) => left.push(job_id),
  });
  const take = (...children: ClaimedChild[]) => pool.take({ children, parents: { p: { seeds: ['s'] } } });
  return { pool, take, ended, left, rooms: () => rooms };
}

const never: JobHandler = () => new Promise(() => {});

test('a handler that never ends is let go at its time-out; its place is another’s soon after', async () => {
  const { pool, take, ended, left, rooms } = setUp(never);
  take(childOf('a', { timeout_ms: 1_000 }));
  await jest.advanceTimersByTimeAsync(999);
  expect(ended).toEqual([]);
  await jest.advanceTimersByTimeAsync(1);
  expect(ended).toEqual(['a 1 failed timed_out true']);
  expect([pool.children.length, pool.running, left]).toEqual([0, 1, []]);
  await jest.advanceTimersByTimeAsync(5_000);
  expect([pool.running, left, rooms()]).toEqual([0, ['a'], 1]);
});

test.each([
  ['resolves', () => Promise.resolve({})],
  ['rejects', () => Promise.reject(new Error('late'))],
  ['throws undefined', () => Promise.reject()],
])('what a handler does after its signal has fired counts for nothing: %s', async (_, end) => {
  const { pool, take, ended, left } = setUp(
    ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(end()))),
  );
  take(childOf('a'), childOf('b', { parent_id: 'p2' }));
  pool.abort('cancelled', ({ parent_id }) => parent_id === 'p');
  await jest.advanceTimersByTimeAsync(10_000);
  expect([ended, left, pool.running]).toEqual([[], [], 1]);
  expect(pool.children.map(({ job_id }) => job_id)).toEqual(['b']);
});

test('the same child again means that its earlier attempt is lost', async () => {
  const codes: string[] = [];
  const { pool, take, ended } = setUp(
    ({ attempt, signal }) =>
      new Promise((resolve) => {
        if (attempt === 2) resolve({});
        signal.addEventListener('abort', () => {
          codes.push(signal.reason.code);
          resolve({});
        });
      }),
  );
  take(childOf('a'));
  take(childOf('a', { attempt: 2 }));
  await jest.advanceTimersByTimeAsync(0);
  expect([codes, ended, pool.children.length]).toEqual([['lease_lost'], ['a 2 completed false'], 0]);
});

test('what is claimed while it stops is handed back at once', async () => {
  let began = 0;
  const { pool, take, ended } = setUp(() => {
    began += 1;
    return never({} as never);
  });
  take(childOf('a'));
  const stopped = pool.stop(1_000);
  take(childOf('b'));
  expect([began, ended]).toEqual([1, ['b 1 failed worker_stopped true']]);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(ended.at(-1)).toBe('a 1 failed worker_stopped true');
  await jest.advanceTimersByTimeAsync(1_000);
  await stopped;
  expect(pool.running).toBe(0);
});

test('a stop ends as soon as the last handler does', async () => {
  let end: (result: object) => void = () => {};
  const { pool, take, ended } = setUp(() => new Promise<object>((resolve) => (end = resolve)));
  take(childOf('a'));
  const stopped = pool.stop(60_000);
  end({});
  await stopped;
  expect(ended).toEqual(['a 1 completed false']);
  expect(jest.getTimerCount()).toBe(0);
});

test('the jobs of a parent share what it was created with, and none can change it', async () => {
  const { take, ended } = setUp(({ parent }) => {
    (parent.seeds as string[]).push('mine');
  });
  take(childOf('a'));
  await jest.advanceTimersByTimeAsync(0);
  expect(ended).toEqual(['a 1 failed handler_failed true']);
});

test('a time-out that no timer can hold does not fire at once', async () => {
  const { take, ended } = setUp(never);
  take(childOf('a', { timeout_ms: 2 ** 40 }));
  await jest.advanceTimersByTimeAsync(60_000);
  expect(ended).toEqual([]);
});
