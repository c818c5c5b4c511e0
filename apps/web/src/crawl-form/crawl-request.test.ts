import {
  crawlLimitsSchema,
  createCrawlSchema,
  createJobSchema,
  LIMITS,
  type Problem,
} from '@progeny/contract';
import fc from 'fast-check';
import {
  FORM_LIMITS,
  PRESET,
  parseAddress,
  parseCrawlFields,
  problemToFieldErrors,
} from './crawl-request.ts';

test.each([
  ['example.com', 'https://example.com/'],
  ['  http://example.com/a?b=c ', 'http://example.com/a?b=c'],
  ['localhost:4000', 'http://localhost:4000/'],
  ['127.0.0.1:8080/shop', 'http://127.0.0.1:8080/shop'],
  ['http://[::1]:3000', 'http://[::1]:3000/'],
  ['HTTPS://Example.COM', 'https://example.com/'],
])('%j is the address %s', (text, url) => expect(parseAddress(text)).toBe(url));

test.each([
  '',
  '   ',
  'word',
  'two words.example',
  'ftp://example.com',
  'javascript:alert(1)',
  'https://',
  'http://a b.example',
])('%j is no web address', (text) => expect(parseAddress(text)).toBeNull());

const someText = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.integer({ min: -150, max: 3_000_000 }).map(String),
  fc
    .tuple(fc.double({ min: 0, max: 200, noNaN: true }), fc.constantFrom('%', 's', ' min', 'h', 'd', ''))
    .map(([amount, unit]) => `${amount.toFixed(1)}${unit}`),
);

test('what passes the form passes the API', () => {
  fc.assert(
    fc.property(
      fc.record({
        url: fc.webUrl(),
        maxPages: someText,
        maxDepth: someText,
        priority: someText,
        failures: fc.constantFrom('continue', 'fail_fast', 'max_failed'),
        maxFailed: someText,
        deadline: someText,
        pageTimeout: someText,
      }),
      (fields) => {
        const request = parseCrawlFields(fields);
        if (request.isValid) expect(createJobSchema.parse(request.job)).toEqual(request.job);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('what the API takes as whole numbers the form takes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -5, max: 1_000_005 }),
      fc.integer({ min: -5, max: 1_005 }),
      fc.integer({ min: -105, max: 105 }),
      (pages, depth, priority) => {
        const request = parseCrawlFields({
          ...PRESET,
          url: 'a.example',
          maxPages: String(pages),
          maxDepth: String(depth),
          priority: String(priority),
        });
        const taken = createCrawlSchema.safeParse({
          type: 'crawl',
          seeds: ['https://a.example'],
          limits: { max_pages: pages, max_depth: depth },
          priority,
        });
        expect(request.isValid).toBe(taken.success);
      },
    ),
  );
});

test('the presets are the defaults of the API, and the bounds are its bounds', () => {
  expect(crawlLimitsSchema.parse({})).toEqual({
    max_pages: FORM_LIMITS.maxPages.preset,
    max_depth: FORM_LIMITS.maxDepth.preset,
  });
  const seeds = ['https://a.example/'];
  expect(parseCrawlFields({ ...PRESET, url: 'a.example' })).toEqual({
    isValid: true,
    job: createCrawlSchema.parse({ type: 'crawl', seeds }),
  });
  expect(FORM_LIMITS.deadline.maxSeconds).toBe(LIMITS.deadlineMaxSeconds);
  expect(FORM_LIMITS.pageTimeout.maxSeconds).toBe(LIMITS.childTimeoutMaxSeconds);
});

test('options are sent as the API names them', () => {
  const request = parseCrawlFields({
    ...PRESET,
    url: 'a.example',
    priority: '-7',
    failures: 'max_failed',
    maxFailed: ' 2.5 %',
    deadline: '1.5h',
    pageTimeout: '30 s',
  });
  expect(request).toMatchObject({
    job: {
      priority: -7,
      failure_policy: { max_failed: '2.5%' },
      deadline_seconds: 5_400,
      child_timeout_seconds: 30,
    },
  });
  const few = parseCrawlFields({ ...PRESET, url: 'a.example', failures: 'max_failed', maxFailed: '3' });
  expect(few).toMatchObject({ job: { failure_policy: { max_failed: 3 } } });
});

test('each mistake is told beside its field', () => {
  const request = parseCrawlFields({
    url: '',
    maxPages: '1.5',
    maxDepth: '1e3',
    priority: '101',
    failures: 'max_failed',
    maxFailed: '101%',
    deadline: '32d',
    pageTimeout: '30',
  });
  expect(request).toEqual({
    isValid: false,
    errors: {
      url: 'Enter the address of a site',
      maxPages: 'A whole number from 1 to 1,000,000',
      maxDepth: 'A whole number from 0 to 1,000',
      priority: 'A whole number from -100 to 100',
      maxFailed: 'A number such as 20, or a share such as 5%',
      deadline: 'At most 31 days',
      pageTimeout: 'Say the unit too: 30s, 30m or 30h',
    },
  });
});

test('how many may fail is no mistake while nobody asks for it', () => {
  const fields = { ...PRESET, url: 'a.example', maxFailed: 'many' };
  expect(parseCrawlFields(fields).isValid).toBe(true);
  expect(parseCrawlFields({ ...fields, failures: 'max_failed' }).isValid).toBe(false);
});

test('what the server complains about stands beside the field too, the rest under the form', () => {
  const problem: Problem = { type: '', title: 'The request is wrong', status: 400, code: 'invalid_request' };
  expect(
    problemToFieldErrors({
      ...problem,
      errors: [
        { path: 'seeds.0', message: 'must be an absolute http or https URL' },
        { path: 'limits.max_depth', message: 'too big' },
        { path: 'failure_policy.max_failed', message: 'invalid' },
        { path: 'name', message: 'too long' },
      ],
    }),
  ).toEqual({
    url: 'Must be an absolute http or https URL',
    maxDepth: 'Too big',
    maxFailed: 'Invalid',
    form: 'Name: too long',
  });
  expect(problemToFieldErrors(problem)).toEqual({ form: 'The request is wrong' });
  expect(problemToFieldErrors({ ...problem, detail: 'try later' })).toEqual({ form: 'Try later' });
});
