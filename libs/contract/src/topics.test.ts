import fc from 'fast-check';
import type { JobStatusChange, ProgenyEvent } from './events.ts';
import { parseSubject, type SubjectFilter, subjectFilters, subjectOf, TOPICS, topicOf } from './topics.ts';

const PARENT = '01890a5d-ac96-774b-bcce-b302099a8057';
const CHILD = '01890a5d-ac97-7c9e-9d7f-0f3b2c1d4e5f';
const timestamp = '2030-01-02T03:04:05.678Z';

const statusChange = (
  jobId: string,
  parentId: string | null,
  more: Partial<JobStatusChange> = {},
): ProgenyEvent => ({
  type: 'job_status_change',
  timestamp,
  payload: {
    ...{ event_id: CHILD, job_id: jobId, parent_id: parentId, tenant_id: 'acme', user_id: 'ann' },
    ...{ job_type: 'page', from: 'pending', to: 'running', attempt: 1, run: 1, starts_run: true, version: 2 },
    ...more,
  },
});
const started = (jobId: string, parentId: string | null = null): ProgenyEvent => ({
  type: 'JOB_STARTED',
  timestamp,
  payload: { job_id: jobId, parent_id: parentId, operation_type: 'crawl', seq: 1 },
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

test.each([
  ['its birth', { from: null, to: 'pending' }, CHILD],
  ['a command to it', { from: 'running', to: 'running' }, CHILD],
  ['what becomes of it', { from: 'pending', to: 'running' }, PARENT],
  ['its end', { from: 'running', to: 'failed' }, PARENT],
] as const)('of a parent within another, %s wakes the one that it is to wake', (_what, change, woken) => {
  const event = statusChange(CHILD, PARENT, { is_parent: true, ...change });
  expect(subjectOf({ tenantId: 'acme', event })).toBe(`job_status_change.acme.${woken}`);
});

test('the birth of a child, and a try after another, wake its parent', () => {
  for (const change of [{ from: null }, { from: 'running', to: 'running' }] as const) {
    expect(subjectOf({ tenantId: 'acme', event: statusChange(CHILD, PARENT, change) })).toBe(
      `job_status_change.acme.${PARENT}`,
    );
  }
});

test('all lifecycle events go to one subject for each job, which names its parent if it has one', () => {
  const subject = (event: ProgenyEvent) => subjectOf({ tenantId: 'acme', event });
  expect(subject(started(PARENT))).toBe(`job_lifecycle.acme.${PARENT}`);
  expect(subject(started(CHILD, PARENT))).toBe(`job_lifecycle.acme.${CHILD}.${PARENT}`);
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
    payload: { job_id: PARENT, command: 'cancel' },
  };
  expect(subjectOf({ tenantId: 'acme', event: step })).toBe(`pipeline_event.acme.${CHILD}`);
  expect(subjectOf({ tenantId: 'acme', event: command })).toBe(`job_command.acme.${PARENT}`);
});

test('a subject is parsed into what it was built from', () => {
  fc.assert(
    fc.property(token, token, fc.option(token), (tenantId, jobId, parentId) => {
      const event = started(jobId, parentId);
      expect(parseSubject(subjectOf({ tenantId, event }))).toStrictEqual({
        ...{ topic: 'job_lifecycle', tenantId, jobId },
        ...(parentId !== null && { parentId }),
      });
    }),
  );
});

test.each(hostile)('the token %j is refused, wherever it stands', (bad) => {
  expect(() => subjectOf({ tenantId: bad, event: started(PARENT) })).toThrow();
  expect(() => subjectOf({ tenantId: 'acme', event: started(bad) })).toThrow();
  expect(() => subjectOf({ tenantId: 'acme', event: started(CHILD, bad) })).toThrow();
  expect(() => subjectFilters({ topic: 'job_lifecycle', tenantId: bad })).toThrow();
  expect(() => subjectFilters({ topic: 'job_lifecycle', jobId: bad })).toThrow();
  expect(parseSubject(`job_command.${bad}.${PARENT}`)).toBeNull();
  expect(parseSubject(`job_command.acme.${bad}`)).toBeNull();
  expect(parseSubject(`job_lifecycle.${bad}.${CHILD}.${PARENT}`)).toBeNull();
  expect(parseSubject(`job_lifecycle.acme.${bad}.${PARENT}`)).toBeNull();
  expect(parseSubject(`job_lifecycle.acme.${CHILD}.${bad}`)).toBeNull();
});

test.each([
  'job_lifecycle',
  'job_lifecycle.acme',
  `job_lifecycle.acme.${CHILD}.${PARENT}.more`,
  `job_status_change.acme.${CHILD}.${PARENT}`,
  `other.acme.${PARENT}`,
  `pipeline_event.x.acme.${PARENT}`,
  `_INBOX.${PARENT}.1`,
])('%s is not a subject of ours', (subject) => {
  expect(parseSubject(subject)).toBeNull();
});

test('a filter names what it is told and takes the rest as it comes', () => {
  const topic = 'parent_job_progress';
  const tenantId = 'acme';
  expect(subjectFilters({ topic })).toEqual(['parent_job_progress.*.>']);
  expect(subjectFilters({ topic, tenantId })).toEqual(['parent_job_progress.acme.>']);
  expect(subjectFilters({ topic, tenantId, hasParent: false })).toEqual(['parent_job_progress.acme.*']);
  expect(subjectFilters({ topic, hasParent: true })).toEqual(['parent_job_progress.*.*.*']);
  expect(subjectFilters({ topic, jobId: PARENT })).toEqual([
    `parent_job_progress.*.${PARENT}`,
    `parent_job_progress.*.${PARENT}.*`,
  ]);
  expect(subjectFilters({ topic, tenantId, jobId: PARENT, hasParent: true })).toEqual([
    `parent_job_progress.acme.${PARENT}.*`,
  ]);
  expect(subjectFilters({ topic: 'job_command' })).toEqual(['job_command.*.*']);
});

test('a filter by the parent is refused where subjects do not name it', () => {
  for (const topic of ['job_status_change', 'pipeline_event', 'job_command'] as const) {
    for (const hasParent of [true, false]) {
      expect(() => subjectFilters({ topic, hasParent })).toThrow(RangeError);
    }
  }
});

/** As NATS matches: `*` is one token, and `>` one or more at the end. */
function matches(pattern: string, subject: string): boolean {
  const [wanted, given] = [pattern.split('.'), subject.split('.')];
  const isOpen = wanted.at(-1) === '>';
  if (isOpen ? given.length < wanted.length : given.length !== wanted.length) return false;
  return wanted.every((token, index) => ['*', '>', given[index]].includes(token));
}

test('a filter takes the subjects that fit it, each once, and no others', () => {
  const part = fc.constantFrom('acme', 'other', 'a-b');
  const wanted: fc.Arbitrary<SubjectFilter> = fc.record(
    {
      topic: fc.constantFrom(...TOPICS.slice(1, 3)),
      ...{ tenantId: part, jobId: part, hasParent: fc.boolean() },
    },
    { requiredKeys: ['topic'] },
  );
  fc.assert(
    fc.property(wanted, part, part, fc.option(part), (filter, tenantId, jobId, parentId) => {
      const subject = subjectOf({ tenantId, event: started(jobId, parentId) });
      const fits =
        filter.topic === 'job_lifecycle' &&
        (filter.tenantId ?? tenantId) === tenantId &&
        (filter.jobId ?? jobId) === jobId &&
        (filter.hasParent ?? parentId !== null) === (parentId !== null);
      const times = subjectFilters(filter).filter((pattern) => matches(pattern, subject)).length;
      expect(times).toBe(fits ? 1 : 0);
    }),
  );
});
