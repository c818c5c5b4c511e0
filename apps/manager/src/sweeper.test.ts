import type { JobStatusChange } from '@progeny/contract';
import { StoreError } from '@progeny/job-store';
import { createLog } from '@progeny/kit';
import { createSweeper } from './sweeper.ts';

/** A sweeper on a ledger that moves as many children of a parent as the test says, when the test says so. */
function createScene(children: Record<string, number>) {
  const batches: string[] = [];
  const lines: { msg: string }[] = [];
  const steps: (() => void)[] = [];
  let told = 0;
  let fault: Error | null = null;
  const sweeper = createSweeper({
    store: {
      async sweep(parentId, limit) {
        batches.push(parentId);
        await new Promise<void>((resolve) => void steps.push(resolve));
        if (fault) throw fault;
        const moved = Math.min(limit, children[parentId] ?? 0);
        children[parentId] = (children[parentId] ?? 0) - moved;
        return Array.from({ length: moved }, () => ({}) as JobStatusChange);
      },
    },
    announcer: {
      changes: async (changes) => {
        told += changes.length;
      },
      command: () => {},
    },
    log: createLog({ service: 'test', level: 'info', write: (line) => lines.push(JSON.parse(line)) }),
  });
  return {
    sweeper,
    batches,
    lines,
    told: () => told,
    breakWith: (error: Error) => {
      fault = error;
    },
    /** Lets the batches that are on end, and those follow that do. */
    async step() {
      for (const end of steps.splice(0)) end();
      await new Promise(setImmediate);
    },
  };
}

test('sweeps batch after batch until one is not full, and tells each', async () => {
  const { sweeper, batches, told, step } = createScene({ a: 1_200 });
  sweeper.sweep('a');
  for (const expected of [500, 1_000, 1_200]) {
    await step();
    expect(told()).toBe(expected);
  }
  await step();
  expect(batches).toEqual(['a', 'a', 'a']);
});

test('a command that comes while its parent is swept has it swept once more, and not beside', async () => {
  const { sweeper, batches, step } = createScene({ a: 3 });
  sweeper.sweep('a');
  sweeper.sweep('a');
  sweeper.sweep('a');
  expect(batches).toEqual(['a']);
  await step();
  expect(batches).toEqual(['a', 'a']);
  await step();
  await step();
  expect(batches).toEqual(['a', 'a']);
});

test('not all parents at once: the others have their turn', async () => {
  const { sweeper, batches, step } = createScene({});
  for (const parentId of ['a', 'b', 'c', 'd', 'e', 'f']) sweeper.sweep(parentId);
  expect(batches).toEqual(['a', 'b', 'c', 'd']);
  await step();
  expect(batches).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

test('a stop ends each sweep after its batch, and begins none', async () => {
  const { sweeper, batches, told, step } = createScene({ a: 5_000 });
  for (const parentId of ['a', 'b', 'c', 'd', 'e']) sweeper.sweep(parentId);
  const drained = sweeper.drain();
  sweeper.sweep('f');
  await step();
  await drained;
  expect([batches, told()]).toEqual([['a', 'b', 'c', 'd'], 500]);
});

test.each([
  ['a fault of ours is logged', new Error('no such column'), ['a sweep was cut short']],
  [
    'that the ledger is away is logged by whoever watches it',
    new StoreError('unavailable', 'it cannot be reached'),
    [],
  ],
])('%s, and hinders no other sweep', async (_, error, expected) => {
  const { sweeper, batches, lines, step, breakWith } = createScene({ a: 500 });
  breakWith(error);
  sweeper.sweep('a');
  await step();
  expect(lines.map(({ msg }) => msg)).toEqual(expected);
  sweeper.sweep('b');
  expect(batches).toEqual(['a', 'b']);
  await step();
});
