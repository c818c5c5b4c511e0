import { CHILD_STATUSES, reportedStatusSchema } from '@progeny/contract';
import fc from 'fast-check';
import { decideTransition } from './child-transition.ts';
import { decideReport, type ReportedTry, type TriedChild } from './report-decision.ts';
import { MAX_ATTEMPTS } from './retry.ts';

const failed = (attempt: number): ReportedTry => ({ status: 'failed', attempt, retryable: true });

test('a failure that may pass leads back to pending while attempts are left', () => {
  for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
    const child: TriedChild = { status: 'running', attempt, runBase: 0 };
    expect(decideReport(child, failed(attempt))).toEqual({ outcome: 'retrying', to: 'pending' });
  }
});

test('in the last attempt it is the end', () => {
  const child: TriedChild = { status: 'running', attempt: MAX_ATTEMPTS, runBase: 0 };
  expect(decideReport(child, failed(MAX_ATTEMPTS))).toEqual({ outcome: 'applied', to: 'failed' });
  expect(decideReport(child, failed(MAX_ATTEMPTS + 1))).toEqual({ outcome: 'applied', to: 'failed' });
});

test('in a later run there are as many attempts again', () => {
  const runBase = 5;
  const outcomes = [1, 2, 3].map((tried) => {
    const attempt = runBase + tried;
    return decideReport({ status: 'running', attempt, runBase }, failed(attempt)).outcome;
  });
  expect(outcomes).toEqual(['retrying', 'retrying', 'applied']);
});

test('whatever is reported of the run before is stale', () => {
  const retried: TriedChild = { status: 'pending', attempt: 4, runBase: 4 };
  for (const status of reportedStatusSchema.options) {
    for (const attempt of [1, 2, 3]) {
      expect(decideReport(retried, { status, attempt, retryable: true })).toEqual({
        outcome: 'stale_attempt',
      });
    }
  }
});

test('the same failure again finds the child pending in that attempt, and is a duplicate', () => {
  expect(decideReport({ status: 'pending', attempt: 1, runBase: 0 }, failed(1))).toEqual({
    outcome: 'duplicate',
  });
});

test('a child that nobody claimed may fail for now as well', () => {
  expect(decideReport({ status: 'pending', attempt: 0, runBase: 0 }, failed(1))).toEqual({
    outcome: 'retrying',
    to: 'pending',
  });
});

test('a failure that will not pass is an end, however early', () => {
  for (const retryable of [false, undefined]) {
    const reported: ReportedTry = { status: 'failed', attempt: 1, retryable };
    expect(decideReport({ status: 'running', attempt: 1, runBase: 0 }, reported)).toEqual({
      outcome: 'applied',
      to: 'failed',
    });
  }
});

test('only a failure is tried again', () => {
  for (const status of reportedStatusSchema.exclude(['failed']).options) {
    const decision = decideReport(
      { status: 'pending', attempt: 0, runBase: 0 },
      { status, attempt: 1, retryable: true },
    );
    expect(decision).toEqual({ outcome: 'applied', to: status });
  }
});

test('without a retry it is what decideTransition says', () => {
  const children = fc.record({
    status: fc.constantFrom(...CHILD_STATUSES),
    attempt: fc.nat({ max: 4 }),
    runBase: fc.nat({ max: 2 }),
  });
  const reports = fc.record({
    status: fc.constantFrom(...reportedStatusSchema.options),
    attempt: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(children, reports, (child, reported) => {
      const decision = decideTransition(child, reported);
      expect(decideReport(child, reported)).toEqual(
        decision === 'apply' ? { outcome: 'applied', to: reported.status } : { outcome: decision },
      );
    }),
  );
});
