import { addChildrenSchema, childInputSchema, createJobSchema, statusReportSchema } from './http.ts';
import { LIMITS } from './limits.ts';

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success;

describe('a new job', () => {
  test('gets the defaults of a crawl', () => {
    expect(createJobSchema.parse({ type: 'crawl', seeds: ['https://site.example/'] })).toEqual({
      type: 'crawl',
      seeds: ['https://site.example/'],
      limits: { max_pages: 1000, max_depth: 20 },
    });
    expect(
      createJobSchema.parse({ type: 'crawl', seeds: ['http://a.example'], limits: { max_pages: 5 } }),
    ).toMatchObject({ limits: { max_pages: 5, max_depth: 20 } });
  });

  test('gets the defaults of a custom job', () => {
    expect(createJobSchema.parse({ type: 'custom' })).toEqual({
      ...{ type: 'custom', child_type: 'task', children: [], sealed: false },
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
  ])('with %s is refused', (_, value) => {
    expect(accepts(createJobSchema, value)).toBe(false);
  });
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
