import type { JobStatusChange } from '@progeny/contract';
import { createSweeper, SWEEP_BATCH } from './sweeper.ts';

const BATCH_MS = 10;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** A ledger in which each parent has so many children to sweep, and a batch takes its time. */
function createScene(children: Record<string, number>, { fails = () => false as boolean } = {}) {
  const startedMs = performance.now();
  const batches: { parentId: string; atMs: number }[] = [];
  const swept: Record<string, number> = {};
  const errors: unknown[] = [];
  const sweeper = createSweeper({
    sweep: async (parentId, limit) => {
      batches.push({ parentId, atMs: performance.now() - startedMs });
      await new Promise<void>((resolve) => void setTimeout(resolve, BATCH_MS));
      if (fails()) throw new Error('a lock timed out');
      const count = Math.min(limit, children[parentId] ?? 0);
      children[parentId] = (children[parentId] ?? 0) - count;
      return new Array<JobStatusChange>(count);
    },
    onSwept: (parentId, changes) => {
      swept[parentId] = (swept[parentId] ?? 0) + changes.length;
    },
    onError: (error) => void errors.push(error),
  });
  return { sweeper, batches, swept, errors };
}

test('a command is carried out to its end, with a breath after each batch', async () => {
  const { sweeper, batches, swept } = createScene({ a: 2.5 * SWEEP_BATCH });
  sweeper.mark('a');
  await jest.advanceTimersByTimeAsync(1_000);
  expect(swept).toEqual({ a: 2.5 * SWEEP_BATCH });
  expect(batches.map(({ atMs }) => atMs)).toEqual([0, 15, 30]);
  expect(jest.getTimerCount()).toBe(0);
});

test('several parents take turns, so that a small one does not wait for a huge one', async () => {
  const { sweeper, batches } = createScene({ huge: 5 * SWEEP_BATCH, small: 1 });
  sweeper.mark('huge');
  sweeper.mark('small');
  await jest.advanceTimersByTimeAsync(1_000);
  expect(batches.map(({ parentId }) => parentId).slice(0, 4)).toEqual(['huge', 'small', 'huge', 'huge']);
});

test('that nothing was left is said, too', async () => {
  const { sweeper, swept } = createScene({});
  sweeper.mark('a');
  await jest.advanceTimersByTimeAsync(BATCH_MS);
  expect(swept).toEqual({ a: 0 });
});

test('a parent that is marked while it is swept is looked at again', async () => {
  const { sweeper, batches } = createScene({ a: 1 });
  sweeper.mark('a');
  sweeper.mark('a');
  await jest.advanceTimersByTimeAsync(1_000);
  expect(batches).toHaveLength(2);
  sweeper.mark('a');
  expect(batches).toHaveLength(3);
});

test('what cannot be swept is left to whoever finds it again, and holds up nobody', async () => {
  let failures = 1;
  const { sweeper, swept, errors } = createScene({ a: 1, b: 1 }, { fails: () => failures-- > 0 });
  sweeper.mark('a');
  sweeper.mark('b');
  await jest.advanceTimersByTimeAsync(1_000);
  expect([swept, errors.length]).toEqual([{ b: 1 }, 1]);
  sweeper.mark('a');
  await jest.advanceTimersByTimeAsync(1_000);
  expect(swept).toEqual({ a: 1, b: 1 });
});

test('stop waits for the batch that is on, and begins no other', async () => {
  const { sweeper, batches, swept } = createScene({ a: 5 * SWEEP_BATCH, b: 1 });
  sweeper.mark('a');
  sweeper.mark('b');
  const stopping = sweeper.stop();
  await jest.advanceTimersByTimeAsync(BATCH_MS);
  await stopping;
  sweeper.mark('c');
  await jest.advanceTimersByTimeAsync(1_000);
  expect([batches.length, swept]).toEqual([1, { a: SWEEP_BATCH }]);
});

test('stop does not sit out a breath', async () => {
  const { sweeper, batches } = createScene({ a: 5 * SWEEP_BATCH });
  sweeper.mark('a');
  await jest.advanceTimersByTimeAsync(BATCH_MS + 1);
  await sweeper.stop();
  expect([batches.length, jest.getTimerCount()]).toEqual([1, 0]);
});
