import type { LifecycleEvent, ParentJobProgress, ParentStatus } from '@progeny/contract';
import { toParentJobProgress, zeroCounts } from '@progeny/core';
import { createSnapshotChecker, type ViewerKind } from './snapshots.ts';
import { createViolations } from './violations.ts';

const JOB = '00000000-0000-7000-8000-000000000001';

function snapshot(
  version: number,
  { completed = 0, pending = 4, status = 'running' as ParentStatus, sealed = false } = {},
): ParentJobProgress {
  return toParentJobProgress({
    jobId: JOB,
    parentId: null,
    version,
    status,
    sealed,
    counts: { ...zeroCounts, completed, pending },
    childrenPerSecond: 0,
    verifiedAt: null,
  });
}
const ended = (version: number) =>
  snapshot(version, { status: 'completed', sealed: true, pending: 0, completed: 4 });
const end = (type: 'JOB_COMPLETED' | 'JOB_CANCELLED' = 'JOB_COMPLETED') =>
  ({ type, payload: { job_id: JOB, seq: 2 }, timestamp: '' }) as LifecycleEvent;

function scene(kind: ViewerKind = 'watcher') {
  const violations = createViolations();
  const checker = createSnapshotChecker(violations);
  const line = checker.viewer('viewer', kind);
  line.connected();
  const found = () => violations.all.map(({ what }) => what.replace(`viewer, job ${JOB}: `, ''));
  return { checker, line, found };
}

test('nothing is wrong with a job that goes on and ends', () => {
  const { line, found } = scene();
  for (const frame of [snapshot(1), snapshot(2, { completed: 1, pending: 3 }), ended(5)]) {
    expect(line.progress(frame)).toBe(true);
  }
  line.lifecycle(end());
  expect(found()).toEqual([]);
});

test.each([
  ['a sum that is wrong', { ...snapshot(1), total_children: 5 }, 'the buckets sum to 4, not 5'],
  [
    'a negative bucket',
    { ...snapshot(1, { pending: -1, completed: 2 }), progress_percentage: 99 },
    'a bucket is negative',
  ],
  [
    'a text of other counts',
    { ...snapshot(1), progress_text: '4 pending' },
    'the text is "4 pending", not "4 pending, 0 running, 0 completed, 0 failed"',
  ],
  [
    '100 % before the end',
    { ...snapshot(1, { pending: 0, completed: 4 }), progress_percentage: 100 },
    '100 % of a parent that is running, not 99 %',
  ],
  [
    'a percentage that is rounded up',
    { ...snapshot(1, { pending: 2, completed: 1 }), progress_percentage: 34 },
    '34 % of a parent that is running, not 33 %',
  ],
  ['an end with open children', { ...ended(1), pending_children: 1, total_children: 5 }, 'completed with 1'],
  ['an end without a seal', { ...ended(1), sealed: false }, 'completed and not sealed'],
])('finds %s', (_, frame, what) => {
  const { line, found } = scene();
  line.progress(frame);
  expect(found().some((one) => one.startsWith(what))).toBe(true);
});

test.each([
  ['an older version', snapshot(2), 'version 2 after 3'],
  ['the same version', snapshot(3), 'version 3 after 3'],
])('finds %s on a connection', (_, frame, what) => {
  const { line, found } = scene();
  line.progress(snapshot(3));
  line.progress(frame);
  expect(found()).toEqual([what]);
});

test('a subscriber who comes back starts with what he saw or newer, never with older', () => {
  const { line, found } = scene('subscriber');
  line.progress(snapshot(3));
  line.connected();
  line.progress(snapshot(3));
  expect(found()).toEqual([]);
  line.progress(snapshot(3));
  line.connected();
  line.progress(snapshot(2));
  expect(found()).toEqual(['version 3 twice', 'version 2 after 3']);
});

test('a poller may read the same again, but nothing older', () => {
  const { line, found } = scene('poller');
  for (const version of [3, 3, 2]) line.progress(snapshot(version));
  expect(found()).toEqual(['version 2 after 3']);
});

test('the bus may bring anything in any order, but no two truths of one version', () => {
  const { line, found } = scene('bus');
  for (const version of [3, 2, 2, 3]) line.progress(snapshot(version));
  line.lifecycle(end());
  line.lifecycle(end());
  line.progress(snapshot(3));
  expect(found()).toEqual([]);
  line.progress(snapshot(3, { pending: 3, completed: 1 }));
  expect(found()).toHaveLength(1);
});

test('finds what follows an end on its connection, and a second end', () => {
  const { line, found } = scene();
  line.lifecycle(end());
  line.progress(ended(5));
  line.lifecycle(end());
  expect(found()).toEqual(['version 5 after the terminal event', 'a second end']);
  line.connected();
  line.lifecycle(end());
  expect(found()).toHaveLength(2);
});

test.each([
  ['a bucket that shrinks', snapshot(2, { completed: 1, pending: 3 }), 'completed fell from 2 to 1'],
  ['a total that shrinks', snapshot(2, { completed: 2, pending: 1 }), 'the total fell from 4 to 3'],
])('finds %s, whoever saw which', (_, after, what) => {
  const { checker, line, found } = scene();
  line.progress(snapshot(1, { completed: 2, pending: 2 }));
  checker.viewer('viewer', 'watcher').progress(after);
  expect(found()).toEqual([what]);
});

test('finds a parent that ends in two ways', () => {
  const { checker, line, found } = scene();
  line.progress(ended(5));
  line.progress({ ...ended(6), status: 'cancelled' });
  expect(found()).toEqual(['completed became cancelled']);
  line.lifecycle(end());
  line.lifecycle(end('JOB_CANCELLED'));
  expect(checker.ends.get(JOB)).toEqual(new Set(['JOB_COMPLETED', 'JOB_CANCELLED']));
});
