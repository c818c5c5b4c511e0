import { jobProgressEventSchema, lifecycleEventSchema } from '@progeny/contract';
import { type ChildRecord, toChildSnapshot } from './child-snapshot.ts';

const START = new Date('2030-01-01T00:00:01.000Z');
const END = new Date('2030-01-01T00:00:02.000Z');

const child = (some: Partial<ChildRecord>): ChildRecord => ({
  job_id: '01890000-0000-7000-8000-000000000001',
  parent_id: '01890000-0000-7000-8000-000000000002',
  ...{ job_type: 'page', run: 1, version: 7, status: 'running', startedAt: START, finishedAt: null },
  progress: { progress: 40, stage: 'parsing', label: 'Parsing' },
  ...some,
});

const outline = (some: Partial<ChildRecord>) => {
  const { seq, lifecycle, progress } = toChildSnapshot(child(some));
  for (const event of lifecycle) expect(lifecycleEventSchema.parse(event)).toEqual(event);
  const type = 'JOB_PROGRESS';
  jobProgressEventSchema.parse({ type, payload: progress, timestamp: START.toISOString() });
  return [seq, progress.stage, ...lifecycle.map((event) => `${event.payload.seq} ${event.type}`)];
};

test('a child that waits has had no event in this run', () => {
  expect(outline({ status: 'pending', startedAt: null })).toEqual([0, 'queued']);
  expect(outline({ status: 'pending', startedAt: null, run: 3 })).toEqual([4, 'queued']);
});

test('one that runs, or waits for another try, has started', () => {
  expect(outline({})).toEqual([1, 'parsing', '1 JOB_STARTED']);
  expect(outline({ status: 'pending' })).toEqual([1, 'queued', '1 JOB_STARTED']);
  expect(outline({ run: 2 })).toEqual([3, 'parsing', '3 JOB_STARTED']);
});

test('one that has ended has both, even if nobody ran it', () => {
  expect(outline({ status: 'failed', finishedAt: END })).toEqual([
    2,
    'parsing',
    '1 JOB_STARTED',
    '2 JOB_FAILED',
  ]);
  const never = { status: 'cancelled', startedAt: null, finishedAt: END, run: 2 } as const;
  expect(outline(never)).toEqual([4, 'parsing', '3 JOB_STARTED', '4 JOB_CANCELLED']);
});

test('each event has the time of the row', () => {
  const times = (some: Partial<ChildRecord>) =>
    toChildSnapshot(child(some)).lifecycle.map(({ timestamp }) => timestamp);
  const ended = { status: 'completed', finishedAt: END } as const;
  expect(times(ended)).toEqual([START.toISOString(), END.toISOString()]);
  expect(times({ ...ended, startedAt: null })).toEqual([END.toISOString(), END.toISOString()]);
});
