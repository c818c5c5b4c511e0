import { jobErrorSchema } from '@progeny/contract';
import { type Counts, zeroCounts } from './counts.ts';
import { failureOf } from './parent-failure.ts';
import type { ParentFacts } from './parent-status.ts';
import { NO_FACTS } from './testing/parent-facts.ts';

const failure = (some: Partial<Counts>, facts: Partial<ParentFacts> = {}) =>
  failureOf({ ...NO_FACTS, counts: { ...zeroCounts, ...some }, ...facts });

test('what has not failed has no reason to', () => {
  expect(failure({ completed: 1, failed: 9 })).toBeNull();
  expect(failure({ running: 1, failed: 9 })).toBeNull();
  expect(failure({ failed: 9 }, { sealed: false })).toBeNull();
});

test('a parent of which nothing succeeded says so, with its counts', () => {
  const error = failure({ failed: 2 });
  expect(error).toMatchObject({
    error_code: 'no_child_succeeded',
    technical_detail: '0 pending, 0 running, 0 completed, 2 failed',
  });
  expect(jobErrorSchema.parse(error)).toEqual(error);
});

test.each(['too_many_failed', 'deadline_exceeded'] as const)(
  'what stopped it is the reason: %s',
  (stopped) => {
    const error = failure({ completed: 2, failed: 1 }, { stopped, sealExpired: true });
    expect(error).toMatchObject({ error_code: stopped });
    expect(jobErrorSchema.parse(error)).toEqual(error);
    expect(failure({ running: 1 }, { stopped })).toBeNull();
  },
);

test('what was cancelled has not failed', () => {
  expect(failure({ failed: 3 }, { stopped: 'cancelled' })).toBeNull();
});

test('a seal that never came is the reason even where children succeeded', () => {
  const error = failure({ completed: 2 }, { sealExpired: true });
  expect(error).toMatchObject({ error_code: 'seal_timeout' });
  expect(jobErrorSchema.parse(error)).toEqual(error);
});
