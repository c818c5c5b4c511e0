import { PARENT_STATUSES } from '@progeny/contract';
import { toParentJobProgress, zeroCounts } from '@progeny/core';
import { canRetryFailed, endOf, holdOf, isStillDoing, questionOf, refusalWords } from './command-words.ts';

const progressOf = (counts: Partial<typeof zeroCounts>) =>
  toParentJobProgress({
    jobId: '01890000-0000-7000-8000-000000000000',
    parentId: null,
    version: 1,
    status: 'running',
    sealed: true,
    counts: { ...zeroCounts, ...counts },
    childrenPerSecond: 0,
    verifiedAt: null,
  });
const shown = (status: (typeof PARENT_STATUSES)[number], failed_children = 0) => ({
  parent_id: null,
  status,
  failed_children,
});

test('a nested job is cancelled by itself, and deleted with the one around it alone', () => {
  const nested = (status: (typeof PARENT_STATUSES)[number]) =>
    endOf({ ...shown(status), parent_id: 'outer' });
  expect(PARENT_STATUSES.map(nested)).toEqual(['cancel', 'cancel', 'cancel', null, null, null]);
});

test('each status has the commands that it allows', () => {
  const allowed = PARENT_STATUSES.map((status) => [status, holdOf(shown(status)), endOf(shown(status))]);
  expect(allowed).toEqual([
    ['pending', 'pause', 'cancel'],
    ['running', 'pause', 'cancel'],
    ['paused', 'resume', 'cancel'],
    ['completed', null, 'delete'],
    ['failed', null, 'delete'],
    ['cancelled', null, 'delete'],
  ]);
  expect([canRetryFailed(shown('running', 0)), canRetryFailed(shown('cancelled', 1))]).toEqual([false, true]);
});

test('a command is under way until its effect shows', () => {
  expect(isStillDoing('pause', shown('running'))).toBe(true);
  expect(isStillDoing('pause', shown('paused'))).toBe(false);
  expect(isStillDoing('pause', shown('completed'))).toBe(false);
  expect(isStillDoing('resume', shown('paused'))).toBe(true);
  expect(isStillDoing('resume', shown('running'))).toBe(false);
  expect(isStillDoing('cancel', shown('running'))).toBe(true);
  expect(isStillDoing('cancel', shown('cancelled'))).toBe(false);
  expect(isStillDoing('retry_failed', shown('running', 3))).toBe(false);
});

test('before a job is deleted one is told how many children go', () => {
  const words = (total: number, type = 'crawl') =>
    questionOf('delete', progressOf({ completed: total }), type).words;
  expect(words(1_234)).toBe(
    'It goes with its 1,234 pages, their results and the log, for everybody. This cannot be undone.',
  );
  expect(words(1, 'custom')).toContain('with its 1 task,');
  expect(words(0)).toBe('It goes, for everybody. This cannot be undone.');
});

test('before a job is cancelled one is told how many open ones are', () => {
  const words = (pending: number) =>
    questionOf('cancel', progressOf({ pending, completed: 5 }), 'crawl').words;
  expect(words(12)).toBe('What is done stays. 12 pages still open are cancelled, and no more come.');
  expect(words(1)).toContain('1 page still open is cancelled');
  expect(words(0)).toContain('No page is open, and');
});

test('a refusal is told in words, a new one in those of the server', () => {
  expect(refusalWords({ code: 'job_cancelling', message: 'x' })).toMatch(/being stopped/);
  expect(refusalWords({ code: 'brand_new', message: 'Not today' })).toBe('Not today');
});
