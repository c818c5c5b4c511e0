import { lifecycleEventSchema, PARENT_STATUSES, type ParentStatus } from '@progeny/contract';
import { zeroCounts } from './counts.ts';
import { lifecycleOf } from './parent-lifecycle.ts';
import { toParentJobProgress } from './parent-progress.ts';
import { isParentEnded } from './parent-status.ts';

const ERROR = { error_code: 'no_child_succeeded', user_message: 'Nothing succeeded.', technical_detail: '' };

const PARENT = '01890000-0000-7000-8000-000000000000';

const step = (
  from: ParentStatus,
  to: ParentStatus,
  lastSeq: number,
  reopened = false,
  parentId: string | null = null,
) =>
  lifecycleOf({
    operationType: 'crawl',
    lastSeq,
    from,
    reopened,
    error: to === 'failed' ? ERROR : null,
    timestamp: '2030-01-01T00:00:00.000Z',
    progress: toParentJobProgress({
      jobId: '01890000-0000-7000-8000-000000000001',
      parentId,
      version: 2,
      status: to,
      sealed: true,
      counts: { ...zeroCounts, completed: 2, failed: 1 },
      childrenPerSecond: 0,
      verifiedAt: null,
    }),
  });

const told = (...given: Parameters<typeof step>) =>
  step(...given).map(({ type, payload }) => `${payload.seq} ${type}`);

test('a parent starts when it leaves pending', () => {
  expect(told('pending', 'pending', 0)).toEqual([]);
  expect(told('pending', 'running', 0)).toEqual(['1 JOB_STARTED']);
  expect(told('running', 'running', 1)).toEqual([]);
});

test('a parent that was paused starts when its work begins, and not again when it goes on', () => {
  expect(told('pending', 'paused', 0)).toEqual([]);
  expect(told('paused', 'running', 0)).toEqual(['1 JOB_STARTED']);
  expect(told('running', 'paused', 1)).toEqual([]);
  expect(told('paused', 'running', 1)).toEqual([]);
});

test.each(PARENT_STATUSES.filter(isParentEnded))(
  'one that was %s starts again when it is reopened',
  (from) => {
    expect(told(from, 'running', 2, true)).toEqual(['3 JOB_STARTED']);
    expect(told(from, 'paused', 2, true)).toEqual(['3 JOB_STARTED']);
    // Whatever was retried may have ended before anybody looked.
    expect(told(from, 'completed', 2, true)).toEqual(['3 JOB_STARTED', '4 JOB_COMPLETED']);
    expect(told(from, from, 2, true)).toEqual(['3 JOB_STARTED', `4 JOB_${from.toUpperCase()}`]);
  },
);

test('a paused parent may end, and be cancelled before it ever began', () => {
  expect(told('paused', 'completed', 1)).toEqual(['2 JOB_COMPLETED']);
  expect(told('paused', 'cancelled', 0)).toEqual(['1 JOB_STARTED', '2 JOB_CANCELLED']);
});

test.each([
  ['completed', 'JOB_COMPLETED'],
  ['failed', 'JOB_FAILED'],
  ['cancelled', 'JOB_CANCELLED'],
] as const)('%s is the end, told once, and after the start', (status, type) => {
  expect(told('running', status, 1)).toEqual([`2 ${type}`]);
  expect(told('pending', status, 0)).toEqual(['1 JOB_STARTED', `2 ${type}`]);
  expect(told(status, status, 2)).toEqual([]);
});

test('every event fits the wire', () => {
  for (const status of PARENT_STATUSES) {
    const events = step('pending', status, 0);
    expect(events.map((event) => lifecycleEventSchema.parse(event))).toEqual(events);
    expect(events.length).toBe(isParentEnded(status) ? 2 : status === 'running' ? 1 : 0);
  }
});

test('one that is nested in another says so in each event, and others say nothing of it', () => {
  const nested = step('pending', 'completed', 0, false, PARENT);
  expect(nested.map(({ payload }) => payload)).toEqual([
    expect.objectContaining({ parent_id: PARENT, is_parent: true }),
    expect.objectContaining({ parent_id: PARENT, is_parent: true }),
  ]);
  expect(nested.map((event) => lifecycleEventSchema.parse(event))).toEqual(nested);
  expect(step('pending', 'running', 0)[0]?.payload).toEqual(
    expect.not.objectContaining({ is_parent: expect.anything() }),
  );
});

test('the end says what became of the children', () => {
  expect(step('running', 'completed', 1)[0]).toMatchObject({
    payload: {
      operation_type: 'crawl',
      result: { total_children: 3, completed_children: 2, failed_children: 1 },
    },
  });
  expect(step('running', 'failed', 1)[0]).toMatchObject({
    payload: { error: ERROR },
  });
});
