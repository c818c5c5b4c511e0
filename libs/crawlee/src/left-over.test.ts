import { RequestQueue } from '@crawlee/basic';
import { attachCrawlee } from './attach-crawlee.ts';
import { createCrawler, createStorage, pageUrl } from './fixture-crawler.ts';
import { createFixtureReporter, type FixtureReporter } from './fixture-reporter.ts';
import { KEPT_OUT_MAX } from './kept-out.ts';

let reporter: FixtureReporter;
beforeEach(() => {
  reporter = createFixtureReporter();
});
afterEach(() => {
  expect(reporter.faults).toEqual([]);
  for (const { isSealed } of reporter.parents) expect(isSealed).toBe(true);
});

/** Path to status and error code. */
const endsOf = (parent = reporter.parents[0]): Record<string, string> =>
  Object.fromEntries(
    [...(parent?.children ?? [])].map(([key, { status, last }]) => [
      new URL(key).pathname.slice(1),
      `${status} ${last?.error?.error_code ?? ''}`.trim(),
    ]),
  );

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
  expect(endsOf()).toEqual({
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
  expect(endsOf()).toEqual({
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
  expect(endsOf()).toEqual({ a: 'completed', deep: 'skipped depth_reached', other: 'skipped depth_reached' });
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

test('a crawl that is stopped ends what it has begun and cancels the rest', async () => {
  const crawler = createCrawler({ maxConcurrency: 1, requestHandler: async () => crawler.stop() });
  attachCrawlee(crawler, { reporter });
  await crawler.run([pageUrl('a'), pageUrl('b')]);
  expect(endsOf()).toEqual({ a: 'completed', b: 'cancelled crawl_stopped' });
});

test('a crawl that is torn down waits for nothing, and what comes late is not told', async () => {
  let finish = () => {};
  const begun = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const crawler = createCrawler({
    maxConcurrency: 1,
    requestHandler: async () => {
      finish();
      await held;
    },
  });
  attachCrawlee(crawler, { reporter });
  const run = crawler.run([pageUrl('a'), pageUrl('b')]);
  await begun;
  await crawler.autoscaledPool?.abort();
  const statistics = await run;
  expect(statistics.requestsFinished).toBe(0);
  expect(endsOf()).toEqual({ a: 'cancelled crawl_stopped', b: 'cancelled crawl_stopped' });
  letGo();
  while (crawler.stats.state.requestsFinished === 0) await new Promise(setImmediate);
  expect(endsOf().a).toBe('cancelled crawl_stopped');
});

test('crawlers that share a queue each end with what they did themselves', async () => {
  const config = createStorage();
  const queue = await RequestQueue.open('shared', { config });
  let othersDone = () => {};
  const others = new Promise<void>((resolve) => {
    othersDone = resolve;
  });
  let secondRun: Promise<unknown> = Promise.resolve();
  const handled: string[] = [];
  const options = { requestQueue: queue, maxConcurrency: 1 };
  const first = createCrawler(
    {
      ...options,
      requestHandler: async () => {
        secondRun = second.run();
        await others;
      },
    },
    config,
  );
  const second = createCrawler(
    {
      ...options,
      requestHandler: async ({ request }) => {
        handled.push(request.url);
        if (handled.length === 2) othersDone();
      },
    },
    config,
  );
  attachCrawlee(first, { reporter, name: 'first' });
  attachCrawlee(second, { reporter, name: 'second' });
  await queue.addRequests([pageUrl('a'), pageUrl('b'), pageUrl('c')]);
  const statistics = await first.run();
  await secondRun;
  expect(statistics.requestsFinished).toBe(1);
  const [one, other] = reporter.parents;
  expect(endsOf(one)).toEqual({
    ...{ a: 'completed', b: 'skipped handled_elsewhere', c: 'skipped handled_elsewhere' },
  });
  expect(endsOf(other)).toEqual({ a: 'skipped handled_elsewhere', b: 'completed', c: 'completed' });
});
