import { RequestQueue } from '@crawlee/basic';
import { attachCrawlee } from './attach-crawlee.ts';
import { createCrawler, createStorage, pageUrl } from './fixture-crawler.ts';
import { createFixtureReporter, endsOf, type FixtureReporter } from './fixture-reporter.ts';

let reporter: FixtureReporter;
beforeEach(() => {
  reporter = createFixtureReporter();
});
afterEach(() => {
  expect(reporter.faults).toEqual([]);
  for (const { isSealed } of reporter.parents) expect(isSealed).toBe(true);
});

test('a crawl that is stopped ends what it has begun and cancels the rest', async () => {
  const crawler = createCrawler({ maxConcurrency: 1, requestHandler: async () => crawler.stop() });
  attachCrawlee(crawler, { reporter });
  await crawler.run([pageUrl('a'), pageUrl('b')]);
  expect(endsOf(reporter)).toEqual({ a: 'completed', b: 'cancelled crawl_stopped' });
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
  expect(endsOf(reporter)).toEqual({ a: 'cancelled crawl_stopped', b: 'cancelled crawl_stopped' });
  letGo();
  while (crawler.stats.state.requestsFinished === 0) await new Promise(setImmediate);
  expect(endsOf(reporter).a).toBe('cancelled crawl_stopped');
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
  expect(endsOf(reporter, one)).toEqual({
    ...{ a: 'completed', b: 'skipped handled_elsewhere', c: 'skipped handled_elsewhere' },
  });
  expect(endsOf(reporter, other)).toEqual({ a: 'skipped handled_elsewhere', b: 'completed', c: 'completed' });
});
