import { PARENT_STATUSES } from '@progeny/contract';
import fc from 'fast-check';
import { type Counts, openOf, zeroCounts } from './counts.ts';
import { isParentEnded, nextParentStatus } from './parent-status.ts';

const derive = (
  some: Partial<Counts>,
  {
    sealed = true,
    cancelRequested = false,
    sealExpired = false,
  }: { sealed?: boolean; cancelRequested?: boolean; sealExpired?: boolean } = {},
) =>
  nextParentStatus('pending', { counts: { ...zeroCounts, ...some }, sealed, cancelRequested, sealExpired });

describe('an unsealed parent', () => {
  const open = { sealed: false };
  test('without children is pending', () => expect(derive({}, open)).toBe('pending'));
  test('of which no child has begun is pending', () => expect(derive({ pending: 3 }, open)).toBe('pending'));
  test('with a running child runs', () => expect(derive({ pending: 3, running: 1 }, open)).toBe('running'));
  test('of which every child has ended still runs', () =>
    expect(derive({ completed: 3 }, open)).toBe('running'));
});

describe('a sealed parent', () => {
  test('without children is completed', () => expect(derive({})).toBe('completed'));
  test('with only pending children is pending', () => expect(derive({ pending: 1 })).toBe('pending'));
  test('with an open child runs', () => expect(derive({ pending: 1, completed: 999 })).toBe('running'));
  test('with a running child runs', () => expect(derive({ running: 1 })).toBe('running'));
  test('of which all completed is completed', () => expect(derive({ completed: 5 })).toBe('completed'));
  test('of which some failed is completed', () =>
    expect(derive({ completed: 1, failed: 9 })).toBe('completed'));
  test('of which all failed is failed', () => expect(derive({ failed: 3 })).toBe('failed'));
  test('of which the rest was cancelled is failed', () => {
    expect(derive({ failed: 1, cancelled: 2 })).toBe('failed');
  });
  test('that skipped everything else is completed', () => {
    expect(derive({ failed: 1, skipped: 2 })).toBe('completed');
  });
  test('whose children were each cancelled from outside is completed', () => {
    expect(derive({ cancelled: 2 })).toBe('completed');
  });
});

describe('a cancelled parent', () => {
  const cancelled = { cancelRequested: true };
  test('with open children still runs', () => {
    expect(derive({ running: 1, cancelled: 4 }, cancelled)).toBe('running');
  });
  test('without children is cancelled', () => expect(derive({}, cancelled)).toBe('cancelled'));
  test('is cancelled, whatever its children came to', () => {
    expect(derive({ completed: 3, failed: 1 }, cancelled)).toBe('cancelled');
    expect(derive({ failed: 3 }, cancelled)).toBe('cancelled');
  });
});

describe('a parent that nobody sealed in time', () => {
  const expired = { sealExpired: true };
  test('has failed, whatever its children came to', () => {
    expect(derive({}, expired)).toBe('failed');
    expect(derive({ completed: 3 }, expired)).toBe('failed');
  });
  test('runs while a child is open', () => expect(derive({ running: 1 }, expired)).toBe('running'));
  test('is cancelled when that was asked', () =>
    expect(derive({}, { ...expired, cancelRequested: true })).toBe('cancelled'));
});

test('a parent has ended exactly when it is sealed and nothing is pending or running', () => {
  const count = fc.oneof(fc.constant(0), fc.nat({ max: 3 }));
  const facts = fc.record({
    counts: fc.record({
      ...{ pending: count, running: count, completed: count },
      ...{ failed: count, cancelled: count, skipped: count },
    }),
    sealed: fc.boolean(),
    cancelRequested: fc.boolean(),
    sealExpired: fc.boolean(),
  });
  fc.assert(
    fc.property(facts, (given) => {
      expect(isParentEnded(nextParentStatus('pending', given))).toBe(
        given.sealed && openOf(given.counts) === 0,
      );
    }),
    { numRuns: 1_000 },
  );
});

test('a parent that has begun runs on while its only child waits for another try', () => {
  const counts = { ...zeroCounts, pending: 1 };
  const facts = { counts, sealed: true, cancelRequested: false, sealExpired: false };
  expect(nextParentStatus('running', facts)).toBe('running');
});

test('a parent that has ended stays as it is', () => {
  const counts = { ...zeroCounts, running: 1 };
  for (const ended of PARENT_STATUSES.filter(isParentEnded)) {
    const facts = { counts, sealed: true, cancelRequested: true, sealExpired: true };
    expect(nextParentStatus(ended, facts)).toBe(ended);
  }
});

test('completed, failed and cancelled are ends', () => {
  expect(PARENT_STATUSES.filter(isParentEnded)).toEqual(['completed', 'failed', 'cancelled']);
});
