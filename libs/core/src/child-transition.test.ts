import { CHILD_STATUSES, type ChildStatus } from '@progeny/contract';
import fc from 'fast-check';
import { type ChildState, type Decision, decideTransition, isEnded } from './child-transition.ts';

/** Rows: where the child is. Columns, in the order of CHILD_STATUSES: what is reported in the same attempt. */
const SAME_ATTEMPT: Record<ChildStatus, string> = {
  //         pending running completed failed cancelled skipped
  pending: '  dup     yes     yes       yes    yes       yes',
  running: '  yes     dup     yes       yes    yes       yes',
  completed: 'no      no      dup       no     no        no',
  failed: '   no      no      no        dup    no        no',
  cancelled: 'no      no      no        no     dup       no',
  skipped: '  no      no      no        no     no        dup',
};

const DECISIONS: Record<string, Decision> = { yes: 'apply', dup: 'duplicate', no: 'illegal_transition' };

const cells = CHILD_STATUSES.flatMap((from) =>
  SAME_ATTEMPT[from]
    .trim()
    .split(/\s+/)
    .map((cell, column) => ({ from, to: CHILD_STATUSES[column] ?? from, expected: DECISIONS[cell] })),
);

test('the table has a cell for every pair', () => {
  expect(cells).toHaveLength(36);
});

test.each(cells)('$from, reported $to in the same attempt: $expected', ({ from, to, expected }) => {
  expect(decideTransition({ status: from, attempt: 2 }, { status: to, attempt: 2 })).toBe(expected);
});

test.each(cells)('$from, reported $to in an older attempt: stale', ({ from, to }) => {
  expect(decideTransition({ status: from, attempt: 2 }, { status: to, attempt: 1 })).toBe('stale_attempt');
});

test.each(cells)(
  '$from, reported $to in a newer attempt: as in the same, but an open one goes on',
  ({ from, to, expected }) => {
    const goesOn = from === to && !isEnded(from);
    expect(decideTransition({ status: from, attempt: 2 }, { status: to, attempt: 3 })).toBe(
      goesOn ? 'apply' : expected,
    );
  },
);

test('pending and running are the only ones that have not ended', () => {
  expect(CHILD_STATUSES.filter((status) => !isEnded(status))).toEqual(['pending', 'running']);
});

const report: fc.Arbitrary<ChildState> = fc.record({
  status: fc.constantFrom(...CHILD_STATUSES),
  attempt: fc.integer({ min: 1, max: 4 }),
});

/** Plays reports against one child, and tells after each what was decided and how the child stands. */
function play(reports: readonly ChildState[]) {
  let child: ChildState = { status: 'pending', attempt: 0 };
  return reports.map((reported) => {
    const decision = decideTransition(child, reported);
    if (decision === 'apply') child = reported;
    return { decision, child };
  });
}

test('whatever is reported in whichever order, the first end that was applied stays', () => {
  fc.assert(
    fc.property(fc.array(report), (reports) => {
      const steps = play(reports);
      const firstEnd = steps.findIndex(({ child }) => isEnded(child.status));
      if (firstEnd < 0) return;
      for (const { decision, child } of steps.slice(firstEnd + 1)) {
        expect(child).toEqual(steps[firstEnd]?.child);
        expect(decision).not.toBe('apply');
      }
    }),
  );
});

test('an attempt never goes back', () => {
  fc.assert(
    fc.property(fc.array(report), (reports) => {
      const attempts = play(reports).map(({ child }) => child.attempt);
      expect(attempts).toEqual(attempts.toSorted((a, b) => a - b));
    }),
  );
});

test('a report just applied is a duplicate when it comes again', () => {
  fc.assert(
    fc.property(fc.array(report), report, (before, last) => {
      const [first, again] = play([...before, last, last]).slice(-2);
      if (first?.decision === 'apply') expect(again).toEqual({ decision: 'duplicate', child: last });
    }),
  );
});
