import { closingLine, isGreen, outcomeOfCheck, outcomeOfJest, sumOf } from './outcome.ts';

const results = (testResults: { status: string; assertionResults: { status: string }[] }[], counts = {}) => ({
  ...{ numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 },
  ...counts,
  testResults,
});

test('checks and tests add up to one closing line', () => {
  const jest = outcomeOfJest(
    results([{ status: 'passed', assertionResults: [{ status: 'passed' }] }], { numPassedTests: 41 }),
  );
  expect(closingLine(sumOf([outcomeOfCheck(true), outcomeOfCheck(false), jest]))).toBe('42 passed, 1 failed');
});

test('a file that could not be run is a failure, and one with failed tests is not counted twice', () => {
  const jest = outcomeOfJest(
    results(
      [
        { status: 'failed', assertionResults: [] },
        { status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] },
      ],
      { numFailedTests: 1, numPassedTests: 1 },
    ),
  );
  expect(jest).toEqual({ passed: 1, failed: 2, skipped: 0 });
});

test('a skipped test is shown, and is not green', () => {
  const jest = outcomeOfJest(results([], { numPassedTests: 1, numPendingTests: 1, numTodoTests: 1 }));
  expect(closingLine(jest)).toBe('1 passed, 0 failed, 2 skipped');
  expect(isGreen(jest)).toBe(false);
});

test('a run of nothing is not green', () => {
  expect(isGreen(sumOf([]))).toBe(false);
  expect(isGreen(outcomeOfCheck(true))).toBe(true);
});
