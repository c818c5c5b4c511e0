import type { OpenChild } from '@progeny/contract';
import { zeroCounts } from './counts.ts';
import { type OpenFacts, openReasons } from './explain-parent.ts';

const NOW_MS = Date.parse('2030-01-01T00:00:10.000Z');

const facts = (some: Partial<OpenFacts>): OpenFacts => ({
  state: { status: 'running', counts: zeroCounts },
  sealed: true,
  stopped: null,
  paused: false,
  retrying: false,
  unfoldedChanges: 0,
  openChildren: [],
  nowMs: NOW_MS,
  ...some,
});
const codes = (some: Partial<OpenFacts>) => openReasons(facts(some)).map(({ code }) => code);

const running = (leaseExpiresAt: string | null): OpenChild => ({
  job_id: '01890000-0000-7000-8000-000000000001',
  key: 'a',
  is_parent: false,
  status: 'running',
  attempt: 2,
  lease_owner: 'w1',
  lease_expires_at: leaseExpiresAt,
  available_at: '2030-01-01T00:00:00.000Z',
  updated_at: '2030-01-01T00:00:00.000Z',
  error: null,
});

test.each(['completed', 'failed', 'cancelled'] as const)('a %s parent waits for nothing', (status) => {
  const state = { status, counts: { ...zeroCounts, pending: 1 } };
  expect(openReasons(facts({ state, sealed: false, stopped: 'cancelled' }))).toEqual([]);
});

test('each thing that the end waits for is named', () => {
  const state = { status: 'running' as const, counts: { ...zeroCounts, pending: 2, running: 1 } };
  expect(openReasons(facts({ state }))).toEqual([
    { code: 'children_running', message: '1 of its children is running.' },
    { code: 'children_pending', message: '2 of its children wait for a worker.' },
  ]);
  expect(codes({ sealed: false })).toEqual(['unsealed']);
  expect(codes({ state, stopped: 'cancelled' })).toEqual([
    'cancelling',
    'children_running',
    'children_pending',
  ]);
  expect(codes({ unfoldedChanges: 3 })).toEqual(['changes_unfolded']);
});

test.each([
  ['cancelled', 'It is being cancelled, child by child.'],
  ['too_many_failed', 'More of it failed than it allows: the rest is being cancelled, child by child.'],
  ['deadline_exceeded', 'It is past its deadline: the rest is being cancelled, child by child.'],
] as const)('what stopped it is told: %s', (stopped, message) => {
  expect(openReasons(facts({ stopped }))).toEqual([{ code: 'cancelling', message }]);
});

test('a pause and a retry under way are told', () => {
  const state = { status: 'paused' as const, counts: { ...zeroCounts, pending: 1, failed: 2 } };
  expect(codes({ state, paused: true, retrying: true })).toEqual(['paused', 'retrying', 'children_pending']);
});

test('an ended parent that a retry has opened waits for its fold, even with all ended anew', () => {
  const state = { status: 'failed' as const, counts: { ...zeroCounts, failed: 2 } };
  expect(codes({ state, retrying: true })).toEqual(['retrying']);
  expect(codes({ state, unfoldedChanges: 2 })).toEqual(['changes_unfolded']);
});

test('a silent worker is told from a busy one and from one outside', () => {
  const state = { status: 'running' as const, counts: { ...zeroCounts, running: 3 } };
  const openChildren = [
    running('2030-01-01T00:00:09.999Z'),
    running('2030-01-01T00:00:10.001Z'),
    running(null),
  ];
  expect(openReasons(facts({ state, openChildren }))[0]).toEqual({
    code: 'lease_expired',
    message: 'The worker of 1 of its children is silent; they will be given out again.',
  });
});

test('with nothing left to wait for, the fold is what it waits for', () => {
  expect(codes({})).toEqual(['end_not_folded']);
});
