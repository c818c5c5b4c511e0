import type { Explanation, OpenChild } from '@progeny/contract';
import { toParentJobProgress, zeroCounts } from '@progeny/core';
import {
  hasRunOut,
  holderInWords,
  holdInWords,
  outlookInWords,
  tryInWords,
  verifiedInWords,
  whyOpenQuestion,
} from './explanation-words.ts';

const NOW_MS = Date.parse('2026-01-01T12:00:00.000Z');
const at = (inSeconds: number): string => new Date(NOW_MS + inSeconds * 1_000).toISOString();

const explanation = ({ open = 0, ...facts }: Partial<Explanation> & { open?: number }): Explanation => ({
  job_id: '01890000-0000-7000-8000-000000000000',
  reasons: [],
  progress: toParentJobProgress({
    jobId: '01890000-0000-7000-8000-000000000000',
    parentId: null,
    version: 1,
    status: 'running',
    sealed: false,
    counts: { ...zeroCounts, running: open },
    childrenPerSecond: 0,
    verifiedAt: null,
  }),
  folded_at: at(-1_080),
  sealed_at: null,
  seal_expires_at: null,
  stopped_at: null,
  stop_reason: null,
  unfolded_changes: { count: 0, oldest_at: null },
  open_children: [],
  ...facts,
});

const child = (facts: Partial<OpenChild>): OpenChild => ({
  job_id: '01890000-0000-7000-8000-000000000001',
  key: 'a',
  is_parent: false,
  status: 'running',
  attempt: 1,
  lease_owner: null,
  lease_expires_at: null,
  available_at: at(-60),
  updated_at: at(-60),
  error: null,
  ...facts,
});

test('the question fits the status', () => {
  expect(whyOpenQuestion('running')).toBe('Why is it still running?');
  expect(whyOpenQuestion('pending')).toBe('Why has it not ended?');
});

test.each([
  ['Sealed 5 min ago.', { sealed_at: at(-300) }],
  ['It waits for more children for as long as it takes.', {}],
  ['Fails in 42 min if nothing happens.', { seal_expires_at: at(2_520) }],
  ['Fails any moment now if nothing happens.', { seal_expires_at: at(-2) }],
  [
    'When its children have ended, it waits 1 h for more and then fails.',
    { open: 1, seal_expires_at: at(2_520) },
  ],
])('it is told what comes: %s', (words, facts) =>
  expect(outlookInWords(explanation(facts), NOW_MS)).toEqual([words]),
);

test.each([
  ['cancelled', 'Told to cancel 7 s ago.'],
  ['too_many_failed', 'Stopped, since more failed than it allows, 7 s ago.'],
  ['deadline_exceeded', 'Stopped at its deadline 7 s ago.'],
] as const)('a stop (%s) is told beside the seal that it brings', (stop_reason, words) => {
  const stopped = explanation({ sealed_at: at(-7), stopped_at: at(-7), stop_reason });
  expect(outlookInWords(stopped, NOW_MS)).toEqual(['Sealed 7 s ago.', words]);
});

test.each([
  ['running', 2, 'try 2 of 3'],
  ['pending', 0, 'try 1 of 3'],
  ['pending', 1, 'try 2 of 3'],
  ['running', 4, 'try 4'],
] as const)('a %s child with %d tries begun: %s', (status, attempt, words) =>
  expect(tryInWords({ is_parent: false, status, attempt })).toBe(words),
);

test('the worker and its lease, or none of them', () => {
  const held = child({ lease_owner: 'worker-1', lease_expires_at: at(21) });
  expect(holderInWords(held)).toBe('worker-1');
  expect(holdInWords(held, NOW_MS)).toMatch(/^until \d\d:\d\d:21, in 21 s$/);
  expect(hasRunOut(held, NOW_MS)).toBe(false);
  expect(holdInWords(held, NOW_MS + 25_000)).toBe('ran out 4 s ago');
  expect(hasRunOut(held, NOW_MS + 25_000)).toBe(true);
  expect(holderInWords(child({}))).toBe('a worker outside');
  expect(holdInWords(child({}), NOW_MS)).toBe('no lease');
});

test('a pending child waits for its time, then for a worker', () => {
  const pending = child({ status: 'pending', available_at: at(12) });
  expect(holderInWords(pending)).toBe('no worker yet');
  expect(holdInWords(pending, NOW_MS)).toBe('given out in 12 s');
  expect(holdInWords(pending, NOW_MS + 12_000)).toBe('waits for a worker');
  expect(hasRunOut(pending, NOW_MS)).toBe(false);
});

test('the counts tell when they were verified; clocks that differ make no nonsense', () => {
  expect(verifiedInWords(at(-12), NOW_MS)).toBe('Counts verified 12 s ago');
  expect(verifiedInWords(at(3), NOW_MS)).toBe('Counts verified 0 s ago');
});
