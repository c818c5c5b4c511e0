import { CHILD_STATUSES, PARENT_STATUSES, type ParentStatus, STOP_REASONS } from '@progeny/contract';
import fc from 'fast-check';
import { isEnded } from './child-transition.ts';
import { type Counts, openOf, zeroCounts } from './counts.ts';
import {
  childStatusOf,
  isParentEnded,
  nextParentStatus,
  type ParentFacts,
  statusesIn,
} from './parent-status.ts';
import { NO_FACTS } from './testing/parent-facts.ts';

const derive = (some: Partial<Counts>, facts: Partial<ParentFacts> = {}, before: ParentStatus = 'pending') =>
  nextParentStatus(before, { ...NO_FACTS, counts: { ...zeroCounts, ...some }, ...facts });

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
  const cancelled = { stopped: 'cancelled' } as const;
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
    expect(derive({}, { ...expired, stopped: 'cancelled' })).toBe('cancelled'));
});

describe('a parent that its policy or its deadline stopped', () => {
  test.each(['too_many_failed', 'deadline_exceeded'] as const)(
    '%s: runs while a child is open',
    (stopped) => {
      expect(derive({ running: 1, completed: 4 }, { stopped })).toBe('running');
      expect(derive({ pending: 1 }, { stopped })).toBe('pending');
    },
  );
  test.each(['too_many_failed', 'deadline_exceeded'] as const)('%s: has failed in the end', (stopped) => {
    expect(derive({ completed: 3, cancelled: 2 }, { stopped })).toBe('failed');
    expect(derive({}, { stopped })).toBe('failed');
  });
});

describe('a paused parent', () => {
  const paused = { paused: true };
  test('is paused while a child is open, or may still come', () => {
    expect(derive({ pending: 3 }, paused)).toBe('paused');
    expect(derive({ running: 1, completed: 3 }, paused, 'running')).toBe('paused');
    expect(derive({}, { ...paused, sealed: false })).toBe('paused');
  });
  test('ends when the last of its children does', () =>
    expect(derive({ completed: 2 }, paused)).toBe('completed'));
  test('is paused no more once it is stopped', () =>
    expect(derive({ pending: 3 }, { ...paused, stopped: 'cancelled' }, 'paused')).toBe('running'));
  test('runs when it is resumed', () => expect(derive({ pending: 3 }, {}, 'paused')).toBe('running'));
});

describe('a parent of which failed children are retried', () => {
  const ended = PARENT_STATUSES.filter(isParentEnded);
  const opened = { retrying: true, reopened: true };
  test.each(ended)('runs again although it was %s', (before) => {
    expect(derive({ failed: 3 }, opened, before)).toBe('running');
    expect(derive({ pending: 1, failed: 2 }, opened, before)).toBe('running');
    expect(derive({ pending: 1 }, { reopened: true }, before)).toBe('running');
  });
  test.each(ended)('does not end while it retries, though it was %s and nothing is open', (before) => {
    expect(derive({ completed: 3, failed: 1 }, opened, before)).toBe('running');
  });
  test.each(ended)('ends anew where all that was retried ended unseen, though it was %s', (before) => {
    expect(derive({ completed: 3 }, { reopened: true }, before)).toBe('completed');
    expect(derive({ failed: 3 }, { reopened: true }, before)).toBe('failed');
  });
});

const count = fc.oneof(fc.constant(0), fc.nat({ max: 3 }));
const anyFacts: fc.Arbitrary<ParentFacts> = fc.record({
  counts: fc.record({
    ...{ pending: count, running: count, completed: count },
    ...{ failed: count, cancelled: count, skipped: count },
  }),
  sealed: fc.boolean(),
  stopped: fc.option(fc.constantFrom(...STOP_REASONS)),
  paused: fc.boolean(),
  retrying: fc.boolean(),
  reopened: fc.boolean(),
  sealExpired: fc.boolean(),
});

/** The same in a table, first line that fits. */
function oracle(before: ParentStatus, facts: ParentFacts): ParentStatus {
  const { counts, sealed, stopped, paused, retrying, reopened, sealExpired } = facts;
  const { pending, running, completed, failed, cancelled, skipped } = counts;
  const hasOpen = pending > 0 || running > 0 || retrying;
  const nobodyBegan = running + completed + failed + cancelled + skipped === 0;
  const lines: [boolean, ParentStatus][] = [
    [['completed', 'failed', 'cancelled'].includes(before) && !reopened, before],
    [(hasOpen || !sealed) && paused && stopped === null, 'paused'],
    [(hasOpen || !sealed) && nobodyBegan && before === 'pending', 'pending'],
    [hasOpen || !sealed, 'running'],
    [stopped === 'cancelled', 'cancelled'],
    [stopped !== null, 'failed'],
    [sealExpired, 'failed'],
    [failed > 0 && completed === 0 && skipped === 0, 'failed'],
  ];
  return lines.find(([fits]) => fits)?.[1] ?? 'completed';
}

test('for all facts it is what the table says', () => {
  fc.assert(
    fc.property(fc.constantFrom(...PARENT_STATUSES), anyFacts, (before, facts) => {
      expect(nextParentStatus(before, facts)).toBe(oracle(before, facts));
    }),
    { numRuns: 3_000 },
  );
});

test('a parent has ended exactly when it is sealed, retries nothing, and nothing is pending or running', () => {
  fc.assert(
    fc.property(anyFacts, (given) => {
      expect(isParentEnded(nextParentStatus('pending', given))).toBe(
        given.sealed && !given.retrying && openOf(given.counts) === 0,
      );
    }),
    { numRuns: 1_000 },
  );
});

test('a parent that has begun runs on while its only child waits for another try', () => {
  expect(derive({ pending: 1 }, {}, 'running')).toBe('running');
});

test('a parent that has ended stays as it is unless a retry reopens it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...PARENT_STATUSES.filter(isParentEnded)), anyFacts, (ended, facts) => {
      expect(nextParentStatus(ended, { ...facts, reopened: false })).toBe(ended);
    }),
  );
});

test('completed, failed and cancelled are ends', () => {
  expect(PARENT_STATUSES.filter(isParentEnded)).toEqual(['completed', 'failed', 'cancelled']);
});

test('in the counts of another a parent is what it is, and paused it runs', () => {
  const buckets = PARENT_STATUSES.map((status) => `${status} -> ${childStatusOf(status)}`);
  expect(buckets).toEqual([
    'pending -> pending',
    'running -> running',
    'paused -> running',
    'completed -> completed',
    'failed -> failed',
    'cancelled -> cancelled',
  ]);
  expect(PARENT_STATUSES.filter((status) => isEnded(childStatusOf(status)))).toEqual(
    PARENT_STATUSES.filter(isParentEnded),
  );
  expect(CHILD_STATUSES.map((bucket) => statusesIn(bucket))).toEqual([
    ['pending'],
    ['running', 'paused'],
    ['completed'],
    ['failed'],
    ['cancelled'],
    ['skipped'],
  ]);
});
