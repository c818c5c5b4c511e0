import { BasicCrawler, type CrawlingContext, RequestState } from '@crawlee/basic';
import { attachCrawlee } from './attach-crawlee.ts';
import { createCrawler, createStorage, pageUrl } from './fixture-crawler.ts';
import { createFixtureReporter, endsOf, type FixtureReporter } from './fixture-reporter.ts';
import { KEPT_OUT_MAX } from './kept-out.ts';

let reporter: FixtureReporter;
beforeEach(() => {
  reporter = createFixtureReporter();
});
afterEach(() => {
  expect(reporter.faults).toEqual([]);
  for (const { isSealed } of reporter.parents) expect(isSealed).toBe(true);
});

test('what is beyond maxRequestsPerCrawl is skipped, whether it was queued or not', async () => {
  const crawler = createCrawler({
    maxRequestsPerCrawl: 2,
    maxConcurrency: 1,
    requestHandler: async ({ enqueueLinks }) => void (await enqueueLinks({ urls: [pageUrl('c')] })),
  });
  attachCrawlee(crawler, { reporter });
  const queue = await crawler.getRequestQueue();
  await queue.addRequests([pageUrl('a'), pageUrl('b'), pageUrl('queued')]);
  await crawler.run([pageUrl('never queued')]);
  expect(endsOf(reporter)).toEqual({
    a: 'completed',
    b: 'completed',
    queued: 'skipped limit_reached',
    c: 'skipped limit_reached',
    'never%20queued': 'skipped limit_reached',
  });
});

test('a URL that one page finds too deep and another does not is crawled', async () => {
  const links: Record<string, string[]> = { a: ['b', 'c'], b: ['deep'], c: [], deep: ['deeper'] };
  const crawler = createCrawler({
    maxCrawlDepth: 1,
    maxConcurrency: 1,
    requestHandler: async ({ request, enqueueLinks }) => {
      const path = new URL(request.url).pathname.slice(1);
      await enqueueLinks({ urls: (links[path] ?? []).map(pageUrl) });
      if (path === 'c') await crawler.addRequests([pageUrl('deep')]);
    },
  });
  attachCrawlee(crawler, { reporter });
  await crawler.run([pageUrl('a')]);
  expect(endsOf(reporter)).toEqual({
    ...{ a: 'completed', b: 'completed', c: 'completed', deep: 'completed' },
    deeper: 'completed',
  });
});

test('what is too deep for every page is skipped; what a filter keeps out is no part of the crawl', async () => {
  const crawler = createCrawler({
    maxCrawlDepth: 0,
    requestHandler: async ({ enqueueLinks }) => {
      await enqueueLinks({ urls: [pageUrl('deep'), pageUrl('deep#again')], globs: ['**/deep*'] });
      await enqueueLinks({
        urls: [pageUrl('other')],
        globs: ['**/deep*'],
        transformRequestFunction: () => false,
      });
    },
  });
  attachCrawlee(crawler, { reporter });
  await crawler.run([pageUrl('a')]);
  expect(endsOf(reporter)).toEqual({
    a: 'completed',
    deep: 'skipped depth_reached',
    other: 'skipped depth_reached',
  });
});

test('no more than KEPT_OUT_MAX of the URLs that a limit kept out are shown', async () => {
  const crawler = createCrawler({
    maxRequestsPerCrawl: 1,
    requestHandler: async ({ addRequests }) => {
      await addRequests(Array.from({ length: KEPT_OUT_MAX + 50 }, (_, index) => pageUrl(index)));
    },
  });
  attachCrawlee(crawler, { reporter });
  await crawler.run([pageUrl('a')]);
  expect(reporter.parents[0]?.counts()).toEqual({ completed: 1, skipped: KEPT_OUT_MAX });
});

test('what robots.txt forbids is skipped, whether it is found before the run, on a page or in the queue', async () => {
  const seen: (string | undefined)[] = [];
  const crawler = createCrawler({
    respectRobotsTxtFile: true,
    requestHandler: async ({ addRequests }) => {
      await addRequests([pageUrl('staff/found'), pageUrl('staff/found#again')]);
      seen.push(endsOf(reporter)['staff/found'], endsOf(reporter)['staff/before']);
    },
  });
  const robots = { isAllowed: (url: string) => !url.includes('/staff/') };
  Object.assign(crawler, { getRobotsTxtFileForUrl: async () => robots });
  attachCrawlee(crawler, { reporter });
  const queue = await crawler.getRequestQueue();
  await queue.addRequest({ url: pageUrl('staff/queued') });
  await crawler.addRequests([pageUrl('staff/before')]);
  await crawler.run([pageUrl('a')]);
  const skipped = 'skipped robots_disallowed';
  expect(endsOf(reporter)).toEqual({
    ...{ a: 'completed', 'staff/queued': skipped, 'staff/before': skipped, 'staff/found': skipped },
  });
  expect(seen).toEqual([skipped, skipped]);
});

test('a page that leads out of the crawl is skipped', async () => {
  /** What the crawlers that navigate do then. */
  class LedAway extends BasicCrawler {
    protected override async _runRequestHandler({ request }: CrawlingContext): Promise<void> {
      request.state = RequestState.SKIPPED;
      await this.handleSkippedRequest({ url: request.url, reason: 'redirect' });
    }
  }
  const crawler = new LedAway({ requestHandler: async () => {} }, createStorage());
  attachCrawlee(crawler, { reporter });
  await crawler.run([pageUrl('a')]);
  expect(endsOf(reporter)).toEqual({ a: 'skipped redirected_away' });
});
