import { type ParentState, toParentJobProgress, zeroCounts } from '@progeny/core';
import { endingInWords, spokenSummary, stateInWords, tabTitle, timeLeft } from './progress-words.ts';

const progressOf = (state: Partial<ParentState>) =>
  toParentJobProgress({
    jobId: '01890000-0000-7000-8000-000000000000',
    parentId: null,
    version: 1,
    status: 'running',
    sealed: false,
    counts: { ...zeroCounts, pending: 66, running: 1, completed: 41 },
    childrenPerSecond: 2,
    verifiedAt: null,
    ...state,
  });
const ended = { sealed: true, counts: { ...zeroCounts, completed: 107, failed: 1 } };

test('it says whether more is still being discovered', () => {
  expect(stateInWords(progressOf({}), 'custom')).toBe('108 tasks so far, more may come');
  expect(stateInWords(progressOf({ sealed: true }), 'custom')).toBe('108 tasks in all');
  expect(stateInWords(progressOf({ sealed: true }), 'crawl')).toBe('108 pages so far, still discovering');
  const waiting = progressOf({ status: 'pending', counts: zeroCounts });
  expect(stateInWords(waiting, 'crawl')).toBe('Waiting to start');
  expect(stateInWords(progressOf({ status: 'paused' }), 'crawl')).toBe('Paused, 1 still at work: 108 pages');
  const held = progressOf({ status: 'paused', counts: { ...zeroCounts, pending: 3 } });
  expect(stateInWords(held, 'crawl')).toBe('Paused: 3 pages');
  const failed = (counts: object) =>
    stateInWords(progressOf({ status: 'failed', counts: { ...zeroCounts, ...counts } }), 'custom');
  expect(failed({ failed: 3 })).toBe('Failed: none of 3 tasks succeeded');
  expect(failed({ completed: 2, cancelled: 1 })).toBe('Failed: 2 of 3 tasks succeeded');
  expect(failed({})).toBe('Failed without tasks');
  const one = { ...ended, counts: { ...zeroCounts, completed: 1 } };
  expect(stateInWords(progressOf({ ...one, status: 'completed' }), 'crawl')).toBe('Finished: 1 page');
});

test('time left is told only while there is a rate and something to wait for', () => {
  expect(timeLeft(progressOf({}))).toBe('~34s');
  expect(timeLeft(progressOf({ childrenPerSecond: 0 }))).toBe('–');
  expect(timeLeft(progressOf({ ...ended, status: 'completed' }))).toBe('–');
  expect(timeLeft(progressOf({ status: 'paused' }))).toBe('–');
});

test('the tab tells the percentage, then how it ended', () => {
  expect(tabTitle('x.example', undefined)).toBe('x.example · Progeny');
  expect(tabTitle('x.example', progressOf({}))).toBe('37% x.example · Progeny');
  expect(tabTitle('x.example', progressOf({ ...ended, status: 'completed' }))).toBe('✓ x.example · Progeny');
  expect(tabTitle('x.example', progressOf({ ...ended, status: 'failed' }))).toBe('✗ x.example · Progeny');
});

test('a screen reader hears the counters in one sentence, and what else has become of it', () => {
  expect(spokenSummary(progressOf({ status: 'paused' }), 'x.example')).toMatch(
    /^x\.example paused\. 66 pending,/,
  );
  expect(spokenSummary(progressOf({}), 'x.example')).toBe(
    'x.example: 37 percent. 66 pending, 1 running, 41 completed, 0 failed.',
  );
  expect(spokenSummary(progressOf({ ...ended, status: 'completed' }), 'x.example')).toBe(
    'x.example completed. 0 pending, 0 running, 107 completed, 1 failed.',
  );
});

test('the ending counts what was done and what failed', () => {
  const noun = { one: 'page', many: 'pages' };
  expect(endingInWords(progressOf({ ...ended, status: 'completed' }), noun)).toBe(
    'Completed: 107 pages done, 1 failed',
  );
  const one = { ...zeroCounts, completed: 1 };
  expect(endingInWords(progressOf({ status: 'completed', sealed: true, counts: one }), noun)).toBe(
    'Completed: 1 page done',
  );
});
