import { PARENT_STATUSES, parentJobProgressSchema, STOP_REASONS } from '@progeny/contract';
import fc from 'fast-check';
import { type Counts, zeroCounts } from './counts.ts';
import {
  type ParentState,
  progressPercentage,
  progressText,
  toParentJobProgress,
} from './parent-progress.ts';
import { isParentEnded, nextParentStatus } from './parent-status.ts';
import { NO_FACTS } from './testing/parent-facts.ts';

const some = (given: Partial<Counts>): Counts => ({ ...zeroCounts, ...given });

const count = fc.nat({ max: 1_000_000 });
const counts: fc.Arbitrary<Counts> = fc.record({
  ...{ pending: count, running: count, completed: count },
  ...{ failed: count, cancelled: count, skipped: count },
});

describe('the progress text', () => {
  test('reads as promised, to the letter', () => {
    expect(progressText(some({ pending: 66, running: 1, completed: 41 }))).toBe(
      '66 pending, 1 running, 41 completed, 0 failed',
    );
  });

  test('has no other buckets and no separators in its numbers', () => {
    expect(progressText(some({ completed: 1_000_000, cancelled: 7, skipped: 8, failed: -1 }))).toBe(
      '0 pending, 0 running, 1000000 completed, -1 failed',
    );
  });
});

describe('the percentage', () => {
  test.each([
    ['999 of 1000', some({ completed: 999, running: 1 }), 99],
    ['all of an unsealed parent', some({ completed: 1000 }), 99],
    ['one of three', some({ completed: 1, pending: 2 }), 33],
    ['two of three, however they ended', some({ failed: 1, skipped: 1, pending: 1 }), 66],
    ['0 of 0', zeroCounts, 0],
    ['29 of 100, where floating point says 28.999…', some({ completed: 29, pending: 71 }), 29],
    ['1 of a million', some({ completed: 1, pending: 999_999 }), 0],
  ])('of %s is rounded down', (_, given, percentage) => {
    expect(progressPercentage(given, 'running')).toBe(percentage);
  });

  test('is 100 at the end and only then, and never leaves 0 to 100', () => {
    fc.assert(
      fc.property(counts, fc.constantFrom(...PARENT_STATUSES), (given, status) => {
        const percentage = progressPercentage(given, status);
        expect(percentage === 100).toBe(isParentEnded(status));
        expect(percentage).toBeGreaterThanOrEqual(0);
        expect(percentage).toBeLessThanOrEqual(100);
        expect(Number.isInteger(percentage)).toBe(true);
      }),
    );
  });

  test('stays within 0 and 99 even when a fault made counts negative', () => {
    const faulty = fc.integer({ min: -5, max: 5 });
    const record = fc.record({
      ...{ pending: faulty, running: faulty, completed: faulty },
      ...{ failed: faulty, cancelled: faulty, skipped: faulty },
    });
    fc.assert(
      fc.property(record, (given) => {
        const percentage = progressPercentage(given, 'running');
        expect(percentage).toBeGreaterThanOrEqual(0);
        expect(percentage).toBeLessThanOrEqual(99);
      }),
      { numRuns: 1_000 },
    );
  });

  test('never falls while children end', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('completed', 'failed', 'skipped', 'cancelled')), (ends) => {
        let given = some({ pending: ends.length + 1 });
        let last = 0;
        for (const end of ends) {
          given = { ...given, pending: given.pending - 1, [end]: given[end] + 1 };
          const percentage = progressPercentage(given, 'running');
          expect(percentage).toBeGreaterThanOrEqual(last);
          last = percentage;
        }
      }),
    );
  });
});

describe('the progress object', () => {
  const state: ParentState = {
    jobId: '01890000-0000-7000-8000-000000000001',
    parentId: '01890000-0000-7000-8000-000000000000',
    version: 7,
    status: 'running',
    sealed: true,
    counts: { pending: 66, running: 1, completed: 41, failed: 2, cancelled: 3, skipped: 4 },
    childrenPerSecond: 12.3456,
    verifiedAt: new Date('2030-01-01T00:00:00Z'),
  };

  test('is the state, in the words of the wire', () => {
    expect(toParentJobProgress(state)).toEqual({
      job_id: state.jobId,
      parent_id: state.parentId,
      version: 7,
      status: 'running',
      sealed: true,
      total_children: 117,
      pending_children: 66,
      running_children: 1,
      completed_children: 41,
      failed_children: 2,
      cancelled_children: 3,
      skipped_children: 4,
      progress_text: '66 pending, 1 running, 41 completed, 2 failed',
      progress_percentage: 42,
      children_per_second: 12.35,
      eta_seconds: 6,
      verified_at: '2030-01-01T00:00:00.000Z',
    });
  });

  test('has no rate left at the end, and no time to wait', () => {
    const ended: ParentState = { ...state, status: 'completed', counts: some({ completed: 9 }) };
    expect(toParentJobProgress(ended)).toMatchObject({ children_per_second: 0, eta_seconds: null });
  });

  test('knows no time to wait while nothing moves', () => {
    expect(toParentJobProgress({ ...state, childrenPerSecond: 0 }).eta_seconds).toBeNull();
  });

  test('of a state whose counts are at fault still fits the wire, and shows the fault', () => {
    const faulty = toParentJobProgress({ ...state, counts: some({ running: -2, completed: 5 }) });
    expect(parentJobProgressSchema.parse(faulty)).toEqual(faulty);
    expect(faulty).toMatchObject({ running_children: -2, eta_seconds: 0, progress_percentage: 99 });
  });

  test('of any state fits the wire, and its total is the sum of its buckets', () => {
    const states: fc.Arbitrary<ParentState> = fc
      .record({
        counts,
        version: fc.integer({ min: 1, max: 1_000_000 }),
        sealed: fc.boolean(),
        stopped: fc.option(fc.constantFrom(...STOP_REASONS)),
        paused: fc.boolean(),
        childrenPerSecond: fc.double({ min: 0, max: 1_000_000, noNaN: true }),
        verifiedAt: fc.option(
          fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
        ),
      })
      .map(({ stopped, paused, ...rest }) => ({
        ...rest,
        jobId: state.jobId,
        parentId: null,
        status: nextParentStatus('pending', { ...NO_FACTS, ...rest, stopped, paused }),
      }));
    fc.assert(
      fc.property(states, (given) => {
        const progress = toParentJobProgress(given);
        expect(parentJobProgressSchema.parse(progress)).toEqual(progress);
        expect(JSON.parse(JSON.stringify(progress))).toEqual(progress);
        const { pending, running, completed, failed, cancelled, skipped } = given.counts;
        expect(progress.total_children).toBe(pending + running + completed + failed + cancelled + skipped);
      }),
    );
  });
});
