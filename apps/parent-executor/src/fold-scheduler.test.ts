import fc from 'fast-check';
import { createFoldScheduler } from './fold-scheduler.ts';

const INTERVAL_MS = 100;
/** Folds at once that a quiet parent has beyond the first. */
const SPARE = 3;
const NOTHING_LEFT: readonly string[] = [];
const AWAY = Object.assign(new Error('the database is away'), { retryable: true });

/** More folds up to the last of them than one an interval and those to spare. */
const isTooOften = (atMs: readonly number[]): boolean => {
  const last = atMs.length - 1;
  return atMs.some((ms, index) => (atMs[last] ?? 0) - ms < (last - index - SPARE) * INTERVAL_MS);
};

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const wait = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

/** A scheduler whose folds are noted with the time at which they began. */
function createScene(
  { fold = async () => NOTHING_LEFT } = {} as {
    fold?: (parentIds: readonly string[]) => Promise<readonly string[]>;
  },
) {
  const startedAt = performance.now();
  const folds: { atMs: number; parentIds: readonly string[] }[] = [];
  const errors: unknown[] = [];
  const scheduler = createFoldScheduler({
    intervalMs: INTERVAL_MS,
    fold: (parentIds) => {
      folds.push({ atMs: performance.now() - startedAt, parentIds });
      return fold(parentIds);
    },
    onError: (error) => void errors.push(error),
  });
  return { scheduler, folds, errors };
}

test('the first mark of a quiet parent folds at once', () => {
  const { scheduler, folds } = createScene();
  scheduler.mark('a');
  expect(folds).toEqual([{ atMs: 0, parentIds: ['a'] }]);
});

test('a few more marks fold at once, too; from then on all within an interval are one fold at its end', async () => {
  const { scheduler, folds } = createScene();
  for (let ms = 0; ms < 200; ms += 10) {
    scheduler.mark('a');
    await jest.advanceTimersByTimeAsync(10);
  }
  await jest.advanceTimersByTimeAsync(10 * INTERVAL_MS);
  expect(folds.map(({ atMs }) => atMs)).toEqual([0, 10, 20, 30, 130, 230]);
});

test('each interval without a fold earns one back', async () => {
  const { scheduler, folds } = createScene();
  const marks = async (count: number) => {
    for (let index = 0; index < count; index += 1) {
      scheduler.mark('a');
      await jest.advanceTimersByTimeAsync(0);
    }
  };
  await marks(1 + SPARE);
  expect(folds).toHaveLength(1 + SPARE);
  await jest.advanceTimersByTimeAsync(2 * INTERVAL_MS);
  await marks(5);
  expect(folds).toHaveLength(1 + SPARE + 2);
});

test('who waits already need not be marked again', async () => {
  const { scheduler } = createScene();
  expect(scheduler.isMarked('a')).toBe(false);
  for (let index = 0; index <= SPARE; index += 1) {
    scheduler.mark('a');
    await jest.advanceTimersByTimeAsync(0);
    expect(scheduler.isMarked('a')).toBe(false);
  }
  scheduler.mark('a');
  await jest.advanceTimersByTimeAsync(INTERVAL_MS - 1);
  expect(scheduler.isMarked('a')).toBe(true);
  await jest.advanceTimersByTimeAsync(1);
  expect(scheduler.isMarked('a')).toBe(false);
});

test('a mark that comes while the parent is being folded is folded after it', async () => {
  const { scheduler, folds } = createScene({
    fold: async () => {
      await wait(10);
      return NOTHING_LEFT;
    },
  });
  scheduler.mark('a');
  await jest.advanceTimersByTimeAsync(5);
  scheduler.mark('a');
  await jest.advanceTimersByTimeAsync(INTERVAL_MS);
  expect(folds.map(({ atMs }) => atMs)).toEqual([0, 10]);
});

test('a quiet parent is forgotten: it leaves no timer, and its next mark folds at once', async () => {
  const { scheduler, folds } = createScene();
  scheduler.mark('a');
  expect(scheduler.isQuiet('a')).toBe(false);
  await jest.advanceTimersByTimeAsync(INTERVAL_MS);
  expect(scheduler.isQuiet('a')).toBe(true);
  expect(jest.getTimerCount()).toBe(0);
  scheduler.mark('a');
  expect(folds.map(({ atMs }) => atMs)).toEqual([0, INTERVAL_MS]);
});

test('many parents share folds of at most a hundred, one fold at a time', async () => {
  const { scheduler, folds } = createScene({
    fold: async () => {
      await wait(1);
      return NOTHING_LEFT;
    },
  });
  for (let index = 0; index < 250; index += 1) scheduler.mark(`p${index}`);
  await jest.advanceTimersByTimeAsync(10);
  expect(folds.map(({ parentIds }) => parentIds.length)).toEqual([1, 100, 100, 49]);
});

test('parents that never rest keep nobody waiting', async () => {
  const busy = Array.from({ length: 300 }, (_, index) => `busy${index}`);
  const { scheduler, folds } = createScene({
    fold: async () => {
      await wait(50);
      for (const parentId of busy) scheduler.mark(parentId);
      return NOTHING_LEFT;
    },
  });
  for (const parentId of busy) scheduler.mark(parentId);
  await jest.advanceTimersByTimeAsync(1_000);
  const before = folds.length;
  scheduler.mark('late');
  await jest.advanceTimersByTimeAsync(5 * 50);
  expect(folds.slice(before).flatMap(({ parentIds }) => parentIds)).toContain('late');
});

test('while the database is away all wait, ever longer, and for ever', async () => {
  let failures = 9;
  const { scheduler, folds, errors } = createScene({
    fold: async () => {
      if (failures-- > 0) throw AWAY;
      return NOTHING_LEFT;
    },
  });
  scheduler.mark('a');
  await jest.advanceTimersByTimeAsync(60_000);
  const gaps = folds.map(({ atMs }, index) => atMs - (folds[index - 1]?.atMs ?? 0));
  expect(gaps).toEqual([0, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
  expect(errors).toHaveLength(9);
  expect(jest.getTimerCount()).toBe(0);
});

test('what waits is bounded; the rest is for the poll to find', async () => {
  const { scheduler } = createScene({ fold: () => Promise.reject(AWAY) });
  for (let index = 0; index < 60_000; index += 1) scheduler.mark(`p${index}`);
  expect(scheduler.isMarked('p100')).toBe(true);
  expect(scheduler.isMarked('p59999')).toBe(false);
});

test('a parent that alone cannot be folded waits alone', async () => {
  const { scheduler, folds, errors } = createScene({
    fold: async (parentIds) => {
      if (parentIds.includes('bad')) throw new Error('its row is broken');
      return NOTHING_LEFT;
    },
  });
  for (const parentId of ['first', 'bad', 'b', 'c']) scheduler.mark(parentId);
  await jest.advanceTimersByTimeAsync(INTERVAL_MS);
  const alone = folds.slice(2).map(({ parentIds }) => parentIds);
  expect(alone).toEqual([['bad'], ['b'], ['c']]);
  scheduler.mark('bad');
  await jest.advanceTimersByTimeAsync(4_000);
  expect(errors).toHaveLength(2);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(errors).toHaveLength(3);
  await scheduler.stop();
  expect(jest.getTimerCount()).toBe(0);
});

test('a parent that somebody else was folding is tried again an interval later', async () => {
  let locked = true;
  const { scheduler, folds } = createScene({
    fold: async (parentIds) => {
      const left = locked ? parentIds : NOTHING_LEFT;
      locked = false;
      return left;
    },
  });
  scheduler.mark('a');
  await jest.advanceTimersByTimeAsync(10 * INTERVAL_MS);
  expect(folds.map(({ atMs }) => atMs)).toEqual([0, INTERVAL_MS]);
});

describe('stop', () => {
  test('folds what waits, cooling parents too, and takes no more', async () => {
    const { scheduler, folds } = createScene();
    scheduler.mark('a');
    scheduler.mark('b');
    scheduler.mark('a');
    await scheduler.stop();
    scheduler.mark('c');
    await jest.advanceTimersByTimeAsync(1_000);
    expect(folds.map(({ parentIds }) => parentIds)).toEqual([['a'], ['b', 'a']]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('waits for the fold that is on, and folds what was marked meanwhile', async () => {
    const { scheduler, folds } = createScene({
      fold: async () => {
        await wait(30);
        return NOTHING_LEFT;
      },
    });
    scheduler.mark('a');
    scheduler.mark('a');
    let stopped = false;
    const stopping = scheduler.stop().then(() => {
      stopped = true;
    });
    await jest.advanceTimersByTimeAsync(59);
    expect([stopped, folds.length]).toEqual([false, 2]);
    await jest.advanceTimersByTimeAsync(1);
    await stopping;
  });

  test('does not sit out the pause after a failure, nor try for ever', async () => {
    const { scheduler, folds } = createScene({ fold: () => Promise.reject(AWAY) });
    scheduler.mark('a');
    await jest.advanceTimersByTimeAsync(1);
    await scheduler.stop();
    expect(folds).toHaveLength(2);
  });

  test('nor begins a pause for a fold that fails meanwhile', async () => {
    const { scheduler } = createScene({
      fold: async () => {
        await wait(30);
        throw AWAY;
      },
    });
    scheduler.mark('a');
    const stopping = scheduler.stop();
    await jest.advanceTimersByTimeAsync(60);
    await stopping;
  });
});

test('whatever is marked and however long folds take: no mark is lost, no parent is folded too often', async () => {
  const parentId = fc.constantFrom('a', 'b', 'c', 'd');
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ mark: parentId }) },
    { weight: 2, arbitrary: fc.record({ passMs: fc.integer({ min: 0, max: 150 }) }) },
  );
  const outcome = fc.record({
    ms: fc.integer({ min: 0, max: 130 }),
    result: fc.constantFrom('folded', 'folded', 'folded', 'locked', 'away', 'failed'),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.array(outcome, { maxLength: 30 }),
      async (steps, outcomes) => {
        const faults: string[] = [];
        const left = [...outcomes];
        let running = 0;
        const unfolded = new Map<string, number>();
        const foldsAtMs = new Map<string, number[]>();
        const { scheduler } = createScene({
          fold: async (parentIds) => {
            if (++running > 1) faults.push('two folds at once');
            for (const parentId of parentIds) {
              const own = [...(foldsAtMs.get(parentId) ?? []), performance.now()];
              foldsAtMs.set(parentId, own);
              if (isTooOften(own)) faults.push(`${parentId} at ${own}`);
            }
            // What the database sees is what stood when the fold began.
            const seen = parentIds.map((parentId) => [parentId, unfolded.get(parentId) ?? 0] as const);
            const { ms, result } = left.shift() ?? { ms: 0, result: 'folded' };
            await wait(ms);
            running -= 1;
            if (result === 'away') throw AWAY;
            if (result === 'failed') throw new Error('one of them is broken');
            if (result === 'locked') return parentIds;
            for (const [parentId, marks] of seen)
              unfolded.set(parentId, (unfolded.get(parentId) ?? 0) - marks);
            return NOTHING_LEFT;
          },
        });
        for (const one of steps) {
          if ('mark' in one) {
            unfolded.set(one.mark, (unfolded.get(one.mark) ?? 0) + 1);
            scheduler.mark(one.mark);
          } else {
            await jest.advanceTimersByTimeAsync(one.passMs);
          }
        }
        await jest.advanceTimersByTimeAsync(60_000);
        expect([...unfolded.values()].filter((marks) => marks > 0)).toEqual([]);
        expect(faults).toEqual([]);
        expect(jest.getTimerCount()).toBe(0);
      },
    ),
    { numRuns: 200 },
  );
});
