import { zeroCounts } from '@progeny/core';
import { checkAudit, checkDrift, checkEnds } from './ends.ts';
import type { ParentRow } from './ledger-rows.ts';
import { createViolations } from './violations.ts';

const counts = { ...zeroCounts, completed: 3 };
const row: ParentRow = {
  jobId: 'a',
  version: 4,
  status: 'completed',
  counts,
  children: counts,
  deltas: [],
};
const lifecycle = ['JOB_STARTED', 'JOB_COMPLETED'].map((type, index) => ({
  jobId: 'a',
  seq: index + 1,
  type,
}));
const state = {
  expected: ['a'],
  parents: [row],
  lifecycle,
  seenEnds: new Map([['a', new Set(['JOB_COMPLETED'])]]),
};

function found(check: (violations: ReturnType<typeof createViolations>) => void): string[] {
  const violations = createViolations();
  check(violations);
  return violations.all.map(({ what }) => what);
}
const foundAtEnd = (change: Partial<typeof state>) =>
  found((violations) => checkEnds(violations, { ...state, ...change }));

test('nothing is wrong with a parent that has ended once', () => {
  expect(foundAtEnd({})).toEqual([]);
});

test.each([
  ['a parent that is not there', { parents: [] }, 'job a is not in Postgres'],
  [
    'a parent that never ends',
    { parents: [{ ...row, status: 'running' as const }] },
    'job a is running for ever: 3 completed',
  ],
  [
    'counts that are not those of SQL',
    { parents: [{ ...row, counts: { ...counts, completed: 2 } }] },
    'job a counts 2 completed, SQL 3 completed',
  ],
  [
    'an end that was never told',
    { lifecycle: lifecycle.slice(0, 1) },
    'job a has the lifecycle JOB_STARTED, not',
  ],
  [
    'an end that was recorded twice',
    { lifecycle: [...lifecycle, { jobId: 'a', seq: 3, type: 'JOB_COMPLETED' }] },
    'job a has the lifecycle JOB_STARTED, JOB_COMPLETED, JOB_COMPLETED, not',
  ],
  [
    'another end than it has',
    { seenEnds: new Map([['a', new Set(['JOB_COMPLETED', 'JOB_FAILED'])]]) },
    'job a is completed, and a viewer was told JOB_FAILED',
  ],
])('finds %s', (_, change, what) => {
  expect(foundAtEnd(change).some((one) => one.startsWith(what))).toBe(true);
});

test('drift is what the counts and the changes to be folded do not explain', () => {
  const unfolded = { ...row, counts: { ...counts, completed: 2, running: 1 } };
  const delta = { from: 'running' as const, to: 'completed' as const, count: 1 };
  expect(found((violations) => checkDrift(violations, [{ ...unfolded, deltas: [delta] }]))).toEqual([]);
  expect(found((violations) => checkDrift(violations, [unfolded]))).toEqual([
    'job a drifted: counted 1 running, 2 completed, SQL 3 completed',
  ]);
});

describe('an audit that had to correct', () => {
  const metric = (value: string) => `# HELP x\nprogress_drift_total{service="parent-executor"} ${value}\n`;
  const check = (metrics: string[], logs: string[]) =>
    found((violations) => checkAudit(violations, { metrics, logs }));

  test('is none when it says so', () => {
    expect(check([metric('0')], ['{"msg":"a fold failed"}\n'])).toEqual([]);
  });

  test('shows in its metric, and in the log of a process that is gone', () => {
    expect(check([metric('2')], [])).toEqual(['progress_drift_total is 2']);
    expect(check([], ['one\ncounts had drifted and were corrected'])).toHaveLength(1);
  });

  test('is not taken for none when the metric is missing', () => {
    expect(check(['# HELP x\n'], [])).toEqual(['progress_drift_total is NaN']);
  });
});
