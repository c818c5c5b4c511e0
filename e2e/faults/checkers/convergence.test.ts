import { createConvergenceChecker } from './convergence.ts';
import { createViolations } from './violations.ts';

function scene() {
  const violations = createViolations();
  let nowMs = 0;
  const checker = createConvergenceChecker(violations, () => nowMs);
  const expectReach = (version: number, ended: number) =>
    checker.expect('viewer', [{ jobId: 'a', version, ended, hasEnded: false }], {
      nowMs,
      withinMs: 1_000,
      why: 'ever',
    });
  return {
    checker,
    expectReach,
    saw: (version: number, ended: number) => checker.saw('viewer', 'a', { version, ended }),
    at(ms: number) {
      nowMs = ms;
      checker.judge(ms);
      return violations.all.map(({ what }) => what);
    },
  };
}

test('who gets there in time has converged', async () => {
  const { checker, expectReach, saw, at } = scene();
  expectReach(5, 10);
  saw(6, 10);
  expect(at(2_000)).toEqual([]);
  await checker.settled();
});

test('who is there already has nothing to reach', () => {
  const { expectReach, saw, at } = scene();
  saw(5, 10);
  expectReach(5, 10);
  expect(at(2_000)).toEqual([]);
});

test.each([
  ['the version', 4, 10],
  ['the children that have ended', 6, 9],
])('finds who lacks %s when the time is over, and not before', (_, version, ended) => {
  const { expectReach, saw, at } = scene();
  expectReach(5, 10);
  saw(version, ended);
  expect(at(1_000)).toEqual([]);
  expect(at(1_001)).toEqual([
    `viewer, job a: not at version 5 with 10 ended within 1000 ms ever (at version ${version} with ${ended})`,
  ]);
});

test('what is overdue is told once, and nothing is expected any more', async () => {
  const { checker, expectReach, at } = scene();
  expectReach(5, 10);
  at(1_001);
  expect(at(5_000)).toHaveLength(1);
  await checker.settled();
});

test('time in which the machine stood still does not count', () => {
  const { checker, expectReach, at } = scene();
  expectReach(5, 10);
  checker.grant(500);
  expect(at(1_500)).toEqual([]);
  expect(at(1_501)).toHaveLength(1);
});
