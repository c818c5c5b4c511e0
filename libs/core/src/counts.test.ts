import { CHILD_STATUSES, type ChildStatus } from '@progeny/contract';
import fc from 'fast-check';
import {
  type Counts,
  type Delta,
  endedOf,
  equalCounts,
  foldDeltas,
  openOf,
  totalOf,
  zeroCounts,
} from './counts.ts';

const status = fc.constantFrom(...CHILD_STATUSES);
const delta: fc.Arbitrary<Delta> = fc.record({
  from: fc.option(status),
  to: fc.option(status),
  count: fc.nat({ max: 1_000 }),
});
const counts: fc.Arbitrary<Counts> = fc.record({
  pending: fc.nat(),
  running: fc.nat(),
  completed: fc.nat(),
  failed: fc.nat(),
  cancelled: fc.nat(),
  skipped: fc.nat(),
});

test('a fold gives the same counts in every order', () => {
  fc.assert(
    fc.property(
      fc
        .array(delta)
        .chain((deltas) =>
          fc.tuple(fc.constant(deltas), fc.shuffledSubarray(deltas, { minLength: deltas.length })),
        ),
      counts,
      ([deltas, shuffled], start) => {
        expect(foldDeltas(start, shuffled)).toEqual(foldDeltas(start, deltas));
      },
    ),
  );
});

test('a fold in pieces is the fold of the whole', () => {
  fc.assert(
    fc.property(fc.array(delta), fc.nat(), counts, (deltas, cut, start) => {
      const at = cut % (deltas.length + 1);
      const inPieces = foldDeltas(foldDeltas(start, deltas.slice(0, at)), deltas.slice(at));
      expect(inPieces).toEqual(foldDeltas(start, deltas));
    }),
  );
});

test('folding the changes of children gives what counting the children gives', () => {
  const step = fc.record({ child: fc.nat({ max: 9 }), to: fc.option(status, { freq: 8 }) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const children = new Map<number, ChildStatus>();
      const deltas = steps.map(({ child, to }): Delta => {
        const from = children.get(child) ?? null;
        if (to === null) children.delete(child);
        else children.set(child, to);
        return { from, to, count: 1 };
      });
      const folded = foldDeltas(zeroCounts, deltas);
      const statuses = [...children.values()];
      for (const one of CHILD_STATUSES) {
        expect(folded[one]).toBe(statuses.filter((other) => other === one).length);
      }
      expect(totalOf(folded)).toBe(children.size);
      expect(openOf(folded) + endedOf(folded)).toBe(totalOf(folded));
    }),
  );
});

test('a fold leaves the counts that it started from alone', () => {
  expect(foldDeltas(zeroCounts, [{ from: null, to: 'pending', count: 3 }]).pending).toBe(3);
  expect(totalOf(zeroCounts)).toBe(0);
});

test('a negative count is shown, not hidden', () => {
  const folded = foldDeltas(zeroCounts, [{ from: 'running', to: 'completed', count: 2 }]);
  expect(folded).toEqual({ ...zeroCounts, running: -2, completed: 2 });
});

test('pending and running are open, everything else has ended', () => {
  const folded: Counts = { pending: 1, running: 2, completed: 4, failed: 8, cancelled: 16, skipped: 32 };
  expect([totalOf(folded), openOf(folded), endedOf(folded)]).toEqual([63, 3, 60]);
});

test('counts are equal when every bucket is', () => {
  fc.assert(
    fc.property(counts, status, fc.nat({ max: 3 }), (one, bucket, more) => {
      expect(equalCounts(one, { ...one, [bucket]: one[bucket] + more })).toBe(more === 0);
    }),
  );
});
