import type { FailurePolicy } from '@progeny/contract';
import fc from 'fast-check';
import { type Counts, zeroCounts } from './counts.ts';
import { isPolicyBroken } from './failure-policy.ts';

const broken = (
  policy: FailurePolicy,
  some: Partial<Counts>,
  when: { hasNewFailure?: boolean; isLast?: boolean } = {},
) => isPolicyBroken(policy, { ...zeroCounts, ...some }, { hasNewFailure: true, isLast: false, ...when });

test('continue allows any failure', () => {
  expect(broken('continue', { failed: 1_000_000 }, { isLast: true })).toBe(false);
});

test('fail_fast allows none', () => {
  expect(broken('fail_fast', { completed: 9, pending: 9 })).toBe(false);
  expect(broken('fail_fast', { completed: 9, failed: 1 })).toBe(true);
});

test('a number is how many may fail', () => {
  expect(broken({ max_failed: 2 }, { failed: 2 })).toBe(false);
  expect(broken({ max_failed: 2 }, { failed: 3 })).toBe(true);
  expect(broken({ max_failed: 0 }, { failed: 1 })).toBe(true);
});

test('a share is of those that have ended, from twenty on', () => {
  const policy: FailurePolicy = { max_failed: '10%' };
  expect(broken(policy, { completed: 16, failed: 3, pending: 1_000 })).toBe(false);
  expect(broken(policy, { completed: 17, failed: 3, pending: 1_000 })).toBe(true);
  expect(broken(policy, { completed: 18, failed: 2 })).toBe(false);
  expect(broken(policy, { completed: 9, skipped: 5, cancelled: 3, failed: 3 })).toBe(true);
  expect(broken({ max_failed: '2.5%' }, { completed: 39, failed: 1 })).toBe(false);
  expect(broken({ max_failed: '2.5%' }, { completed: 38, failed: 1 })).toBe(true);
});

test('at the end a share is of all, however few', () => {
  const atEnd = { hasNewFailure: false, isLast: true };
  expect(broken({ max_failed: '50%' }, { completed: 1, failed: 1 }, atEnd)).toBe(false);
  expect(broken({ max_failed: '50%' }, { completed: 1, failed: 2 }, atEnd)).toBe(true);
  expect(broken({ max_failed: '0%' }, {}, atEnd)).toBe(false);
});

test('failures that were known before break nothing till the end', () => {
  for (const policy of ['fail_fast', { max_failed: 1 }, { max_failed: '1%' }] as const) {
    const counts = { completed: 50, failed: 50, pending: 1 };
    expect(broken(policy, counts, { hasNewFailure: false })).toBe(false);
    expect(broken(policy, counts)).toBe(true);
    expect(broken(policy, { ...counts, pending: 0 }, { hasNewFailure: false, isLast: true })).toBe(true);
  }
});

const count = fc.nat({ max: 60 });
const counts: fc.Arbitrary<Counts> = fc.record({
  ...{ pending: count, running: count, completed: count },
  ...{ failed: count, cancelled: count, skipped: count },
});

test('for all counts a share is broken by the failure that crosses it, in whole numbers', () => {
  fc.assert(
    fc.property(fc.nat({ max: 100 }), counts, (percent, given) => {
      const ended = given.completed + given.failed + given.cancelled + given.skipped;
      const naive = ended >= 20 && given.failed * 100 > percent * ended;
      expect(broken({ max_failed: `${percent}%` }, given)).toBe(naive);
    }),
    { numRuns: 1_000 },
  );
});

test('whatever the policy, one failure more never mends it', () => {
  const policy = fc.oneof(
    fc.constantFrom<FailurePolicy>('continue', 'fail_fast'),
    fc.nat({ max: 60 }).map((max_failed): FailurePolicy => ({ max_failed })),
    fc.nat({ max: 100 }).map((percent): FailurePolicy => ({ max_failed: `${percent}%` })),
  );
  fc.assert(
    fc.property(policy, counts, (given, before) => {
      const after = { ...before, failed: before.failed + 1 };
      if (broken(given, before)) expect(broken(given, after)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});
