import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { workspaceRoot } from '@progeny/infra';
import { LONGEST } from './longest-first.mjs';
import { closingLine, isGreen, outcomeOfCheck, outcomeOfJest, sumOf } from './outcome.ts';
import { PROJECT_FOLDERS, SUITES, testFiles } from './test-files.ts';

const file = (status: string, ...tests: string[]) => ({
  name: '/w/libs/x/src/x.test.ts',
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});

test('checks and tests add up to one closing line', () => {
  const jest = outcomeOfJest([file('passed', ...Array<string>(41).fill('passed'))]);
  expect(closingLine(sumOf([outcomeOfCheck(true), outcomeOfCheck(false), jest]))).toBe('42 passed, 1 failed');
});

test('a file that could not be run is a failure, and one with failed tests is not counted twice', () => {
  expect(outcomeOfJest([file('failed'), file('failed', 'failed', 'passed')])).toEqual({
    passed: 1,
    failed: 2,
    skipped: 0,
  });
});

test('a skipped test is shown, and is not green', () => {
  const jest = outcomeOfJest([file('passed', 'passed', 'pending', 'todo')]);
  expect(closingLine(jest)).toBe('1 passed, 0 failed, 2 skipped');
  expect(isGreen(jest)).toBe(false);
});

test('a run of nothing is not green', () => {
  expect(isGreen(sumOf([]))).toBe(false);
  expect(isGreen(outcomeOfCheck(true))).toBe(true);
});

test('every test file belongs to exactly one suite', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'progeny-suites-'));
  for (const file of [
    'a.test.ts',
    'b.test.tsx',
    'c.int.test.ts',
    'd.e2e.test.ts',
    'e.ts',
    'dist/f.test.ts',
  ]) {
    mkdirSync(path.dirname(path.join(root, 'libs/x', file)), { recursive: true });
    writeFileSync(path.join(root, 'libs/x', file), '');
  }
  expect(testFiles(root, ['libs'], 'unit')).toEqual(['libs/x/a.test.ts', 'libs/x/b.test.tsx']);
  expect(testFiles(root, ['libs'], 'int')).toEqual(['libs/x/c.int.test.ts']);
  expect(testFiles(root, ['libs'], 'e2e')).toEqual(['libs/x/d.e2e.test.ts']);
  rmSync(root, { recursive: true });
});

test('what is said to take longest is there', () => {
  const all = SUITES.flatMap((suite) => testFiles(workspaceRoot(), PROJECT_FOLDERS, suite));
  expect(LONGEST.filter((long) => !all.includes(long))).toEqual([]);
});
