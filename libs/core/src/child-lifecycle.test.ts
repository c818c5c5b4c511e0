import { type ChildStatus, type JobStatusChange, lifecycleEventSchema } from '@progeny/contract';
import fc from 'fast-check';
import { childEnded, childLifecycleOf, childSeq, childStarted } from './child-lifecycle.ts';

const JOB = '01890000-0000-7000-8000-000000000001';
const PARENT = '01890000-0000-7000-8000-000000000002';
const timestamp = '2030-01-01T00:00:00.000Z';
const ERROR = { error_code: 'robots_denied', user_message: 'Not for robots.', technical_detail: '' };

const change = (some: Partial<JobStatusChange>): JobStatusChange => ({
  ...{ event_id: JOB, job_id: JOB, parent_id: PARENT, tenant_id: 'acme', user_id: 'ann', job_type: 'page' },
  ...{ from: 'pending', to: 'running', attempt: 1, run: 1, starts_run: false, version: 2 },
  ...some,
});
const told = (some: Partial<JobStatusChange>, result?: Record<string, unknown>) =>
  childLifecycleOf(change(some), { timestamp, result });
const outline = (events: ReturnType<typeof told>) =>
  events.map(({ type, payload }) => `${payload.seq} ${type}`);

test('the start of a run is told, of the job that it is', () => {
  expect(told({ starts_run: true })).toEqual([
    {
      type: 'JOB_STARTED',
      payload: { job_id: JOB, parent_id: PARENT, operation_type: 'page', seq: 1 },
      timestamp,
    },
  ]);
  expect(outline(told({ starts_run: true, run: 3 }))).toEqual(['5 JOB_STARTED']);
});

test('another try begins and ends nothing, nor does a birth, a retry or a deletion', () => {
  expect(told({})).toEqual([]);
  expect(told({ from: 'running', to: 'pending' })).toEqual([]);
  expect(told({ from: null, to: 'pending' })).toEqual([]);
  expect(told({ from: 'failed', to: 'pending', run: 2 })).toEqual([]);
  expect(told({ from: 'completed', to: null })).toEqual([]);
});

test.each([
  ['completed', 'JOB_COMPLETED'],
  ['failed', 'JOB_FAILED'],
  ['cancelled', 'JOB_CANCELLED'],
  ['skipped', 'JOB_COMPLETED'],
] as const)('%s is the end of a run, after its start where that was not told', (to, type) => {
  expect(outline(told({ from: 'running', to }))).toEqual([`2 ${type}`]);
  expect(outline(told({ from: 'running', to, run: 2 }))).toEqual([`4 ${type}`]);
  expect(outline(told({ to, starts_run: true }))).toEqual(['1 JOB_STARTED', `2 ${type}`]);
  for (const event of told({ to, starts_run: true }))
    expect(lifecycleEventSchema.parse(event)).toEqual(event);
});

test('the end says what became of it', () => {
  const end = (to: ChildStatus, error?: typeof ERROR, result?: Record<string, unknown>) =>
    told({ from: 'running', to, ...(error && { error }) }, result)[0]?.payload;
  expect(end('completed', undefined, { bytes: 7 })).toMatchObject({ result: { bytes: 7 } });
  expect(end('completed')).toMatchObject({ result: {} });
  expect(end('skipped', ERROR, { bytes: 7 })).toMatchObject({
    result: { bytes: 7, skipped: 'robots_denied' },
  });
  expect(end('skipped')).toMatchObject({ result: { skipped: 'skipped' } });
  expect(end('failed', ERROR)).toMatchObject({ error: ERROR });
  expect(end('failed')).toMatchObject({ error: { error_code: 'unknown' } });
  expect(end('cancelled', ERROR)).not.toHaveProperty('error');
});

test('from the row alone come the same events', () => {
  const row = { job_id: JOB, parent_id: PARENT, job_type: 'page', run: 2, result: { bytes: 7 } };
  expect(childStarted(row, timestamp)).toEqual(told({ starts_run: true, run: 2 })[0]);
  expect(childEnded(row, 'completed', timestamp)).toEqual(
    told({ from: 'running', to: 'completed', run: 2 }, { bytes: 7 })[0],
  );
});

type Move = 'run' | 'give back' | 'complete' | 'fail' | 'cancel' | 'skip' | 'retry';

/** What each move makes of a child, as far as it may. */
const MOVES: Record<Move, { from: ChildStatus[]; to: ChildStatus }> = {
  run: { from: ['pending'], to: 'running' },
  'give back': { from: ['running'], to: 'pending' },
  complete: { from: ['pending', 'running'], to: 'completed' },
  fail: { from: ['pending', 'running'], to: 'failed' },
  cancel: { from: ['pending', 'running'], to: 'cancelled' },
  skip: { from: ['pending', 'running'], to: 'skipped' },
  retry: { from: ['failed', 'cancelled'], to: 'pending' },
};

test('whatever happens to a child, its life counts on from 1, a start and an end in each run', () => {
  const moves = fc.array(fc.constantFrom(...(Object.keys(MOVES) as Move[])), { maxLength: 30 });
  fc.assert(
    fc.property(moves, (wanted) => {
      let status: ChildStatus = 'pending';
      let run = 1;
      let started = false;
      const events: ReturnType<typeof told> = [];
      for (const name of wanted) {
        const { from, to } = MOVES[name];
        if (!from.includes(status)) continue;
        if (name === 'retry') [run, started] = [run + 1, false];
        const starts_run = status === 'pending' && !started;
        events.push(...told({ from: status, to, run, starts_run }));
        if (to === 'running') started = true;
        status = to;
        expect(childSeq({ run, status, started })).toBe(events.length);
      }
      expect(events.map(({ payload }) => payload.seq)).toEqual(events.map((_, index) => index + 1));
      for (const [index, { type }] of events.entries()) expect(type === 'JOB_STARTED').toBe(index % 2 === 0);
    }),
    { numRuns: 500 },
  );
});
