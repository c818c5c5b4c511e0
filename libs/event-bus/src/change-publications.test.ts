import { type JobStatusChange, topicOf } from '@progeny/contract';
import { changePublications } from './change-publications.ts';

const timestamp = '2030-01-01T00:00:00.000Z';
const change = (more: Partial<JobStatusChange> = {}): JobStatusChange => ({
  event_id: '01890000-0000-7000-8000-000000000001',
  job_id: '01890000-0000-7000-8000-000000000002',
  parent_id: '01890000-0000-7000-8000-000000000003',
  tenant_id: 'acme',
  user_id: 'ann',
  job_type: 'page',
  from: 'pending',
  to: 'running',
  attempt: 1,
  run: 1,
  starts_run: true,
  version: 2,
  ...more,
});
const told = (more?: Partial<JobStatusChange>, result?: Record<string, unknown>) =>
  changePublications(change(more), { timestamp, result });
const types = (more?: Partial<JobStatusChange>) => told(more).map(({ event }) => event.type);

test('a claim is told as a change, and then as a start', () =>
  expect(types()).toEqual(['job_status_change', 'JOB_STARTED']));

test('another try within a run begins nothing, and being born neither', () => {
  expect(types({ starts_run: false, attempt: 2 })).toEqual(['job_status_change']);
  expect(types({ from: null, to: 'pending', starts_run: false })).toEqual(['job_status_change']);
});

test.each([
  ['in its run', { from: 'running', run: 1 } as const],
  ['in a new one', { from: 'failed', run: 2 } as const],
])('what waits again, %s, is queued again', (_which, of) => {
  const [, queued, ...more] = told({ ...of, to: 'pending', attempt: 1, starts_run: false, version: 7 });
  expect(more).toEqual([]);
  expect(queued?.event).toMatchObject({
    type: 'JOB_PROGRESS',
    payload: { job_id: change().job_id, version: 7, progress: 0, stage: 'queued', label: '' },
  });
});

test('what goes straight to its end has begun, too', () =>
  expect(types({ to: 'cancelled' })).toEqual(['job_status_change', 'JOB_STARTED', 'JOB_CANCELLED']));

test('the end carries the result', () => {
  const [, end] = told({ from: 'running', to: 'completed', starts_run: false }, { pages: 3 });
  expect(end?.event).toMatchObject({ type: 'JOB_COMPLETED', payload: { seq: 2, result: { pages: 3 } } });
});

test('all of them say whose the child is', () => {
  for (const { tenantId, headers } of told({ to: 'failed' })) {
    expect({ tenantId, headers }).toEqual({
      tenantId: 'acme',
      headers: { user: 'ann' },
    });
  }
});

test.each([
  ['one without a parent', { parent_id: null }],
  ['one that is nested in another', { is_parent: true as const }],
])('of a parent only the change is told: %s', (_which, of) => {
  const publications = told({ ...of, from: 'running', to: 'completed', starts_run: true });
  expect(publications.map(({ event }) => topicOf(event))).toEqual(['job_status_change']);
});
