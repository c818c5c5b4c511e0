import { crawlLimitsSchema, createJobSchema, type Problem } from '@progeny/contract';
import fc from 'fast-check';
import { FORM_LIMITS, parseAddress, parseCrawlFields, problemToFieldErrors } from './crawl-request.ts';

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

test('what passes the form passes the API', () => {
  fc.assert(
    fc.property(
      fc.webUrl(),
      fc.integer({ min: -5, max: 1_000_005 }),
      fc.integer({ min: -5, max: 1_005 }),
      (url, pages, depth) => {
        const request = parseCrawlFields({ url, maxPages: String(pages), maxDepth: String(depth) });
        const limits = crawlLimitsSchema.safeParse({ max_pages: pages, max_depth: depth });
        if (parseAddress(url) !== null) expect(request.isValid).toBe(limits.success);
        if (request.isValid) expect(createJobSchema.safeParse(request.job).success).toBe(true);
      },
    ),
  );
});

test('the presets are the defaults of the API', () => {
  expect(crawlLimitsSchema.parse({})).toEqual({
    max_pages: FORM_LIMITS.maxPages.preset,
    max_depth: FORM_LIMITS.maxDepth.preset,
  });
});

test('each mistake is told beside its field', () => {
  const request = parseCrawlFields({ url: '', maxPages: '1.5', maxDepth: '1e3' });
  expect(request).toEqual({
    isValid: false,
    errors: {
      url: 'Enter the address of a site',
      maxPages: 'A whole number from 1 to 1,000,000',
      maxDepth: 'A whole number from 0 to 1,000',
    },
  });
});

test('what the server complains about stands beside the field too, the rest under the form', () => {
  const problem: Problem = { type: '', title: 'The request is wrong', status: 400, code: 'invalid_request' };
  expect(
    problemToFieldErrors({
      ...problem,
      errors: [
        { path: 'seeds.0', message: 'must be an absolute http or https URL' },
        { path: 'limits.max_depth', message: 'too big' },
        { path: 'name', message: 'too long' },
      ],
    }),
  ).toEqual({ url: 'Must be an absolute http or https URL', maxDepth: 'Too big', form: 'Name: too long' });
  expect(problemToFieldErrors(problem)).toEqual({ form: 'The request is wrong' });
  expect(problemToFieldErrors({ ...problem, detail: 'try later' })).toEqual({ form: 'Try later' });
});
