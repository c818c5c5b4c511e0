import fc from 'fast-check';
import type { ProgenyEvent } from './events.ts';
import { parseSubject, subjectFilter, subjectOf, TOPICS, topicOf } from './topics.ts';

const PARENT = '01890a5d-ac96-774b-bcce-b302099a8057';
const CHILD = '01890a5d-ac97-7c9e-9d7f-0f3b2c1d4e5f';
const timestamp = '2030-01-02T03:04:05.678Z';

const statusChange = (jobId: string, parentId: string | null): ProgenyEvent => ({
  type: 'job_status_change',
  timestamp,
  payload: {
    ...{ event_id: CHILD, job_id: jobId, parent_id: parentId, tenant_id: 'acme', user_id: 'ann' },
    ...{ job_type: 'page', from: 'pending', to: 'running', attempt: 1, run: 1, starts_run: true, version: 2 },
  },
});
const started = (jobId: string): ProgenyEvent => ({
  type: 'JOB_STARTED',
  timestamp,
  payload: { job_id: jobId, parent_id: null, operation_type: 'crawl', seq: 1 },
});

const token = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
/** What must never get into a subject: it would change who receives the message. */
const hostile = ['', '.', '*', '>', 'a.b', 'a b', 'a*', '>a', 'a\n', '\0', 'é', '.a', 'a'.repeat(65)];

test("a child's change goes to the subject of its parent, a parent's to its own", () => {
  const tenantId = 'acme';
  expect(subjectOf({ tenantId, event: statusChange(CHILD, PARENT) })).toBe(
    `job_status_change.acme.${PARENT}`,
  );
  expect(subjectOf({ tenantId, event: statusChange(PARENT, null) })).toBe(`job_status_change.acme.${PARENT}`);
});

test('all lifecycle events go to one subject for each job', () => {
  expect(subjectOf({ tenantId: 'acme', event: started(PARENT) })).toBe(`job_lifecycle.acme.${PARENT}`);
});

test('the root of a subject is its topic', () => {
  expect(topicOf(statusChange(CHILD, PARENT))).toBe('job_status_change');
  for (const type of ['JOB_STARTED', 'JOB_PROGRESS', 'JOB_COMPLETED', 'JOB_FAILED', 'JOB_CANCELLED']) {
    expect(topicOf({ ...started(PARENT), type } as ProgenyEvent)).toBe('job_lifecycle');
  }
});

test('steps and commands go to the subject of their job', () => {
  const step: ProgenyEvent = {
    type: 'pipeline_event',
    timestamp,
    payload: {
      ...{ job_id: CHILD, parent_id: PARENT, operation_type: 'page' },
      ...{ number: 1, at: timestamp, step: { event: 'pipeline_started' } },
    },
  };
  const command: ProgenyEvent = {
    type: 'job_command',
    timestamp,
    payload: { job_id: PARENT, parent_id: null, command: 'cancel' },
  };
  expect(subjectOf({ tenantId: 'acme', event: step })).toBe(`pipeline_event.acme.${CHILD}`);
  expect(subjectOf({ tenantId: 'acme', event: command })).toBe(`job_command.acme.${PARENT}`);
});

test('a subject is parsed into what it was built from', () => {
  fc.assert(
    fc.property(token, token, (tenantId, jobId) => {
      const event = started(jobId);
      expect(parseSubject(subjectOf({ tenantId, event }))).toEqual({
        topic: 'job_lifecycle',
        tenantId,
        jobId,
      });
    }),
  );
});

test.each(hostile)('the token %j is refused, wherever it stands', (bad) => {
  expect(() => subjectOf({ tenantId: bad, event: started(PARENT) })).toThrow();
  expect(() => subjectOf({ tenantId: 'acme', event: started(bad) })).toThrow();
  expect(() => subjectFilter({ topic: 'job_lifecycle', tenantId: bad })).toThrow();
  expect(() => subjectFilter({ topic: 'job_lifecycle', jobId: bad })).toThrow();
  expect(parseSubject(`job_lifecycle.${bad}.${PARENT}`)).toBeNull();
  expect(parseSubject(`job_lifecycle.acme.${bad}`)).toBeNull();
});

test.each([
  'job_lifecycle',
  'job_lifecycle.acme',
  `job_lifecycle.acme.${PARENT}.more`,
  `other.acme.${PARENT}`,
  `job_lifecycle.x.acme.${PARENT}`,
  `_INBOX.${PARENT}.1`,
])('%s is not a subject of ours', (subject) => {
  expect(parseSubject(subject)).toBeNull();
});

test('a filter names what it is told and takes the rest as it comes', () => {
  const topic = 'parent_job_progress';
  expect(subjectFilter({ topic })).toBe('parent_job_progress.*.*');
  expect(subjectFilter({ topic, tenantId: 'acme' })).toBe('parent_job_progress.acme.*');
  expect(subjectFilter({ topic, jobId: PARENT })).toBe(`parent_job_progress.*.${PARENT}`);
  expect(subjectFilter({ topic, tenantId: 'acme', jobId: PARENT })).toBe(
    `parent_job_progress.acme.${PARENT}`,
  );
});

test('a filter takes the subjects that fit it and no others', () => {
  const part = fc.constantFrom('acme', 'other', 'a-b');
  const wanted = fc.record(
    { topic: fc.constantFrom(...TOPICS), tenantId: part, jobId: part },
    { requiredKeys: ['topic'] },
  );
  fc.assert(
    fc.property(wanted, part, part, (filter, tenantId, jobId) => {
      const subject = subjectOf({ tenantId, event: started(jobId) });
      const fits =
        filter.topic === 'job_lifecycle' &&
        (filter.tenantId ?? tenantId) === tenantId &&
        (filter.jobId ?? jobId) === jobId;
      const pattern = subjectFilter(filter).split('.');
      const matches = subject.split('.').every((name, index) => ['*', name].includes(pattern[index] ?? ''));
      expect(matches).toBe(fits);
    }),
  );
});
