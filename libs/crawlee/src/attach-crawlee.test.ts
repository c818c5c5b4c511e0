import { NonRetryableError, RequestList } from '@crawlee/basic';
import { attachCrawlee } from './attach-crawlee.ts';
import { createCrawler, pageUrl } from './fixture-crawler.ts';
import { createFixtureReporter, type FixtureReporter, type SaidParent } from './fixture-reporter.ts';

let reporter: FixtureReporter;
beforeEach(() => {
  reporter = createFixtureReporter();
});
afterEach(() => {
  expect(reporter.faults).toEqual([]);
});

const only = (): SaidParent => {
  const [parent, ...more] = reporter.parents;
  expect(more).toEqual([]);
  if (!parent) throw new Error('there is no parent');
  return parent;
};
const child = (name: string, parent = only()) => parent.children.get(pageUrl(name));

test('each request is a child: it runs, is handled, and ends with a result; then the parent is sealed', async () => {
  const crawler = createCrawler({ requestHandler: async () => {} });
  attachCrawlee(crawler, { reporter });
  await crawler.run([{ url: pageUrl('a'), label: 'LIST' }, pageUrl('b')]);
  expect(only()).toMatchObject({ isSealed: true, options: { name: 'BasicCrawler' } });
  expect(only().counts()).toEqual({ completed: 2 });
  expect(child('a')).toMatchObject({
    payload: { url: pageUrl('a'), label: 'LIST', depth: 0 },
    said: ['running 1', 'fetching 10', 'handling 60', 'completed 1'],
    last: { result: { loaded_url: pageUrl('a'), duration_ms: expect.any(Number) } },
  });
});

test('what is waiting, running and done is told while the crawl runs', async () => {
  const seen: Record<string, number>[] = [];
  const crawler = createCrawler({
    maxConcurrency: 1,
    requestHandler: async () => void seen.push(only().counts()),
  });
  attachCrawlee(crawler, { reporter });
  await crawler.run([1, 2, 3].map(pageUrl));
  expect(seen).toEqual([
    { running: 1, pending: 2 },
    { completed: 1, running: 1, pending: 1 },
    { completed: 2, running: 1 },
  ]);
});

test('a retry is the next attempt of the same child', async () => {
  const crawler = createCrawler({
    requestHandler: async ({ request }) => {
      if (request.retryCount < 2) throw new Error('busy');
    },
  });
  attachCrawlee(crawler, { reporter });
  const statistics = await crawler.run([pageUrl('a')]);
  expect(statistics).toMatchObject({ requestsFinished: 1, retryHistogram: [undefined, undefined, 1] });
  const { said } = child('a') ?? { said: [] };
  expect(said).toEqual([
    ...['running 1', 'fetching 10', 'handling 60', 'retrying 0'],
    ...['running 2', 'fetching 10', 'handling 60', 'retrying 0'],
    ...['running 3', 'fetching 10', 'handling 60', 'completed 3'],
  ]);
});

test('what fails for good fails with its error, in the attempt in which it did', async () => {
  const crawler = createCrawler({
    requestHandler: async ({ request }) => {
      if (request.url === pageUrl('a')) throw new Error('no price on the page');
      throw new NonRetryableError('not worth a retry');
    },
  });
  attachCrawlee(crawler, { reporter });
  await crawler.run([pageUrl('a'), pageUrl('b')]);
  expect(child('a')?.last).toMatchObject({
    status: 'failed',
    attempt: 3,
    error: {
      error_code: 'handler_failed',
      technical_detail: expect.stringContaining('no price on the page'),
    },
  });
  expect(child('b')?.said).toEqual(['running 1', 'fetching 10', 'handling 60', 'failed 1']);
});

test('links found on a page become children one level deeper, each once', async () => {
  const crawler = createCrawler({
    requestHandler: async ({ request, enqueueLinks, addRequests }) => {
      if (request.url !== pageUrl('a')) return;
      await enqueueLinks({ urls: [pageUrl('b'), pageUrl('b#again'), pageUrl('a')] });
      await addRequests([pageUrl('c'), pageUrl('b')]);
    },
  });
  attachCrawlee(crawler, { reporter });
  const statistics = await crawler.run([pageUrl('a'), pageUrl('a')]);
  expect(only().counts()).toEqual({ completed: 3 });
  expect(statistics.requestsFinished).toBe(3);
  expect(['a', 'b', 'c'].map((name) => child(name)?.payload?.depth)).toEqual([0, 1, 1]);
});

test('requests that were added before the run belong to it', async () => {
  const seen: Record<string, number>[] = [];
  const crawler = createCrawler({
    maxConcurrency: 1,
    requestHandler: async () => void seen.push(only().counts()),
  });
  attachCrawlee(crawler, { reporter });
  await crawler.addRequests([pageUrl('a'), pageUrl('b')]);
  expect(reporter.parents).toEqual([]);
  await crawler.run();
  expect(seen[0]).toEqual({ running: 1, pending: 1 });
  expect(only().counts()).toEqual({ completed: 2 });
});

test('the requests of a list are there from the beginning', async () => {
  const seen: Record<string, number>[] = [];
  const crawler = createCrawler({
    requestList: await RequestList.open(null, [pageUrl('a'), pageUrl('b')]),
    maxConcurrency: 1,
    requestHandler: async () => void seen.push(only().counts()),
  });
  attachCrawlee(crawler, { reporter });
  await crawler.run();
  expect(seen[0]).toEqual({ running: 1, pending: 1 });
  expect(only()).toMatchObject({ isSealed: true });
  expect(only().counts()).toEqual({ completed: 2 });
});

test('attempts rise also for somebody who counts retries in another way', async () => {
  let tries = 0;
  const crawler = createCrawler({
    errorHandler: async ({ request }) => {
      request.retryCount = -1;
    },
    requestHandler: async () => {
      tries += 1;
      if (tries < 3) throw new Error('busy');
    },
  });
  attachCrawlee(crawler, { reporter });
  await crawler.run([pageUrl('a')]);
  expect(child('a')).toMatchObject({ status: 'completed', attempt: 3 });
});
