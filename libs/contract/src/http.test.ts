import {
  addChildrenSchema,
  childInputSchema,
  createJobSchema,
  progressReportSchema,
  statusReportSchema,
} from './http.ts';
import { LIMITS } from './limits.ts';

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success;

describe('a new job', () => {
  test('gets the defaults of a crawl', () => {
    expect(createJobSchema.parse({ type: 'crawl', seeds: ['https://site.example/'] })).toEqual({
      type: 'crawl',
      seeds: ['https://site.example/'],
      limits: { max_pages: 1000, max_depth: 20 },
      priority: 0,
      failure_policy: 'continue',
    });
    expect(
      createJobSchema.parse({ type: 'crawl', seeds: ['http://a.example'], limits: { max_pages: 5 } }),
    ).toMatchObject({ limits: { max_pages: 5, max_depth: 20 } });
  });

  test('gets the defaults of a custom job', () => {
    expect(createJobSchema.parse({ type: 'custom' })).toEqual({
      ...{ type: 'custom', child_type: 'task', children: [], sealed: false },
      ...{ priority: 0, failure_policy: 'continue' },
    });
  });

  test.each([
    ['a seed that is no URL', { type: 'crawl', seeds: ['site.example'] }],
    ['a seed that is not http', { type: 'crawl', seeds: ['ftp://site.example/'] }],
    ['a seed that is a script', { type: 'crawl', seeds: ['javascript:alert(1)'] }],
    ['no seeds', { type: 'crawl', seeds: [] }],
    ['too many seeds', { type: 'crawl', seeds: Array(LIMITS.seedsPerCrawl + 1).fill('https://a.example/') }],
    ['no pages', { type: 'crawl', seeds: ['https://a.example/'], limits: { max_pages: 0 } }],
    ['half a page', { type: 'crawl', seeds: ['https://a.example/'], limits: { max_pages: 1.5 } }],
    ['an unknown type', { type: 'other' }],
    ["the crawl's own child type", { type: 'custom', child_type: 'page' }],
    ['a child type that is no word', { type: 'custom', child_type: 'Some thing' }],
    ['no object', 'crawl'],
    ['a priority beyond the highest', { type: 'custom', priority: 101 }],
    ['a priority beyond the lowest', { type: 'custom', priority: -101 }],
    ['half a priority', { type: 'custom', priority: 0.5 }],
    ['a policy that does not exist', { type: 'custom', failure_policy: 'retry' }],
    ['fewer than no failures', { type: 'custom', failure_policy: { max_failed: -1 } }],
    ['half a failure', { type: 'custom', failure_policy: { max_failed: 1.5 } }],
    ['more than all failures', { type: 'custom', failure_policy: { max_failed: '101%' } }],
    ['more than all failures, a little', { type: 'custom', failure_policy: { max_failed: '100.1%' } }],
    ['a share that is no share', { type: 'custom', failure_policy: { max_failed: '5' } }],
    ['a policy of nothing', { type: 'custom', failure_policy: {} }],
    ['no time at all', { type: 'custom', deadline_seconds: 0 }],
    ['a deadline beyond the limit', { type: 'custom', deadline_seconds: LIMITS.deadlineMaxSeconds + 1 }],
    [
      'a time-out beyond the limit',
      { type: 'custom', child_timeout_seconds: LIMITS.childTimeoutMaxSeconds + 1 },
    ],
  ])('with %s is refused', (_, value) => {
    expect(accepts(createJobSchema, value)).toBe(false);
  });
});

test.each([
  ['the highest priority', { priority: 100 }],
  ['the lowest priority', { priority: -100 }],
  ['no failure', { failure_policy: { max_failed: 0 } }],
  ['a share of nothing', { failure_policy: { max_failed: '0%' } }],
  ['a share', { failure_policy: { max_failed: '2.5%' } }],
  ['a share of all', { failure_policy: { max_failed: '100%' } }],
  ['the longest deadline', { deadline_seconds: LIMITS.deadlineMaxSeconds }],
  ['the longest time-out', { child_timeout_seconds: LIMITS.childTimeoutMaxSeconds }],
])('a new job may ask for %s', (_, given) => {
  expect(createJobSchema.parse({ type: 'custom', ...given })).toMatchObject(given);
});

describe('a child', () => {
  test('needs a key of 1 byte to the limit, counted in UTF-8', () => {
    expect(accepts(childInputSchema, { key: '' })).toBe(false);
    expect(accepts(childInputSchema, { key: 'a'.repeat(LIMITS.childKeyMaxBytes) })).toBe(true);
    expect(accepts(childInputSchema, { key: 'a'.repeat(LIMITS.childKeyMaxBytes + 1) })).toBe(false);
    expect(accepts(childInputSchema, { key: 'é'.repeat(LIMITS.childKeyMaxBytes / 2 + 1) })).toBe(false);
  });

  test('has a payload up to the limit, counted in UTF-8', () => {
    const withText = (text: string) => ({ key: 'k', payload: { t: text } });
    const room = LIMITS.payloadMaxBytes - '{"t":""}'.length;
    expect(accepts(childInputSchema, withText('a'.repeat(room)))).toBe(true);
    expect(accepts(childInputSchema, withText('a'.repeat(room + 1)))).toBe(false);
    expect(accepts(childInputSchema, withText('é'.repeat(room / 2 + 1)))).toBe(false);
  });

  test('has what cannot be stored replaced', () => {
    expect(childInputSchema.parse({ key: 'a\0', payload: { 'b\0': '\uD800' } })).toEqual({
      key: 'a\uFFFD',
      payload: { 'b\uFFFD': '\uFFFD' },
    });
  });
});

test('children come at least one and at most the limit at a time', () => {
  const children = (count: number) => ({
    children: Array.from({ length: count }, (_, key) => ({ key: `${key}` })),
  });
  expect(accepts(addChildrenSchema, children(0))).toBe(false);
  expect(accepts(addChildrenSchema, children(LIMITS.childrenPerRequest))).toBe(true);
  expect(accepts(addChildrenSchema, children(LIMITS.childrenPerRequest + 1))).toBe(false);
});

describe('a report of progress', () => {
  const step = { event: 'page_started', page_index: 0 };
  const detail = (bytes: number) => ({ t: 'x'.repeat(bytes - '{"t":""}'.length) });

  test.each([
    ['a percentage', { progress: 0 }],
    ['a stage', { stage: 'parsing', label: 'Parsing' }],
    ['events', { events: [step], attempt: 0 }],
    ['as many events as are kept', { events: Array(LIMITS.pipelineEventsKept).fill(step) }],
    ['as much detail as there may be', { events: [{ ...step, detail: detail(4_096) }] }],
  ])('may have %s', (_, value) => {
    expect(progressReportSchema.parse(value)).toEqual({ events: [], ...value });
  });

  test.each([
    ['nothing', {}],
    ['a label alone', { label: 'Parsing' }],
    ['more than everything', { progress: 101 }],
    ['less than nothing', { progress: -1 }],
    ['half a percent', { progress: 0.5 }],
    ['a stage without a name', { stage: '' }],
    ['more events than are kept', { events: Array(LIMITS.pipelineEventsKept + 1).fill(step) }],
    ['an event that does not exist', { events: [{ event: 'page_lost', page_index: 0 }] }],
    ['a page without its index', { events: [{ event: 'page_done', duration_ms: 1, success: true }] }],
    ['more detail than there may be', { events: [{ ...step, detail: detail(4_097) }] }],
    ['detail that is larger in UTF-8', { events: [{ ...step, detail: { t: 'é'.repeat(2_048) } }] }],
  ])('has not %s', (_, value) => {
    expect(accepts(progressReportSchema, value)).toBe(false);
  });

  test('has what cannot be stored replaced', () => {
    expect(
      progressReportSchema.parse({
        stage: 'a\0',
        label: '\uD800',
        events: [{ ...step, detail: { 'k\0': '\0' } }],
      }),
    ).toEqual({ stage: 'a\uFFFD', label: '\uFFFD', events: [{ ...step, detail: { 'k\uFFFD': '\uFFFD' } }] });
  });
});

test.each([
  ['pending, which is not theirs to give', { status: 'pending', attempt: 1 }],
  ['a status that does not exist', { status: 'done', attempt: 1 }],
  ['an attempt before the first', { status: 'completed', attempt: 0 }],
  ['no attempt', { status: 'completed' }],
  ['an error without a code', { status: 'failed', attempt: 1, error: { user_message: 'x' } }],
  [
    'an error whose code is a sentence',
    { status: 'failed', attempt: 1, error: { error_code: 'Not Found!', user_message: '' } },
  ],
])('nobody reports %s', (_, value) => {
  expect(accepts(statusReportSchema, value)).toBe(false);
});
